import type { FileSource, OpenedFile } from './fileSource';
import { missingFiles } from './missingFiles';
import { streamTensors, type FilePlan, type OnChunk, type StoredTensor, type StreamOptions, type Wanted } from './streamTensors';

/** A model's weights with their headers read and checked, whatever the format. */
export interface StoredWeights {
  format: 'safetensors' | 'gguf';
  /** Of all files together. */
  sizeBytes: number;
  fileNames: readonly string[];
  files: readonly PlannedFile[];
  tensors: readonly StoredTensor[];
  /** See `streamTensors`; each call reads the files anew. */
  stream(wanted: Wanted, onChunk: OnChunk, options?: StreamOptions): Promise<void>;
}

/** A file of weights whose header is read. */
export interface PlannedFile {
  name: string;
  sizeBytes: number;
  plan: FilePlan;
}

/** Streams files one after the other; progress counts the bytes of all. */
export async function streamFiles(
  source: FileSource,
  files: readonly PlannedFile[],
  wanted: Wanted,
  onChunk: OnChunk,
  { signal, onProgress }: StreamOptions = {},
): Promise<void> {
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let doneBytes = 0;
  for (const { name, sizeBytes, plan } of files) {
    const opened = await openFile(source, name, { signal });
    const onBytes = (position: number) => onProgress?.(name, doneBytes + position, totalBytes);
    await streamTensors(opened, plan, wanted, onChunk, { signal, onBytes });
    doneBytes += sizeBytes;
    onProgress?.(name, doneBytes, totalBytes);
  }
}

/** @throws TuneletError that says what the model lacks, where there is no such file */
export async function openFile(
  source: FileSource,
  name: string,
  options: { signal?: AbortSignal | undefined; firstBytes?: number },
): Promise<OpenedFile> {
  const opened = await source.open(name, options);
  if (opened === null) throw await missingFiles(source, options.signal);
  return opened;
}
