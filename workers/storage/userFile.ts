import { TuneletError } from '../api/errors';

/** What newer browsers have and the type library does not know yet. */
interface RemovableFile extends FileSystemFileHandle {
  remove(): Promise<void>;
}

/**
 * Writes a stream into a file that the user chose. The browser puts it in place only once it is whole: where the stream or the disk
 * breaks, or `signal` aborts, nothing half-written is left.
 * @throws TuneletError 'storage/quota' where the disk is full, 'storage/unavailable' where it is gone; what the stream breaks with; the signal's reason
 */
export async function writeUserFile(
  file: FileSystemFileHandle,
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await stream.pipeTo(await file.createWritable(), { signal });
  } catch (thrown) {
    await removeEmpty(file);
    throw userFileError(file.name, thrown);
  }
}

/** Choosing a file makes it, and one that was there is emptied: without its content it would only look like a download. */
async function removeEmpty(file: FileSystemFileHandle): Promise<void> {
  if (!isRemovable(file)) return;
  try {
    if ((await file.getFile()).size === 0) await file.remove();
  } catch (thrown) {
    // It went with its disk, or its folder allows no removal: what is told below stays true.
    if (!(thrown instanceof DOMException)) throw thrown;
  }
}

function isRemovable(file: FileSystemFileHandle): file is RemovableFile {
  return 'remove' in file;
}

function userFileError(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof DOMException)) return thrown;
  const details = { file: name, cause: thrown.message };
  if (thrown.name === 'QuotaExceededError') {
    return new TuneletError(
      'storage/quota',
      `The disk that you chose has no room left for ${name}.`,
      'Free space there or choose another place, then download again. Nothing half-written was left.',
      details,
    );
  }
  // Chrome 15x says AbortError, now and then, of a disk that is full.
  return new TuneletError(
    'storage/unavailable',
    `${name} could not be written where you chose (${thrown.name}).`,
    'The disk may be full or gone, or its folder may not be written to. Free space there or choose another place, then download again. Nothing half-written was left.',
    details,
  );
}
