import { TuneletError } from '../api/errors';
import type { FileRoom } from './fileRoom';

/**
 * Writes a stream into a file of the room; nothing of it stays where the stream breaks.
 * @throws TuneletError 'storage/quota', 'storage/unavailable', and what the stream breaks with
 */
export async function storeStream(room: FileRoom, name: string, stream: ReadableStream<Uint8Array>): Promise<Blob> {
  const appender = await room.append(name);
  try {
    appender.clear();
    await stream.pipeTo(new WritableStream<Uint8Array>({ write: (bytes) => appender.write(bytes) }));
    appender.flush();
  } catch (thrown) {
    appender.close();
    await room.remove(name);
    throw thrown;
  }
  appender.close();
  const stored = await room.read(name);
  if (stored) return stored;
  throw new TuneletError(
    'storage/unavailable',
    `${name} was written, but the browser’s storage no longer has it.`,
    'Start it again.',
  );
}
