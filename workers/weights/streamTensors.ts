import { TuneletError } from '../api/errors';
import { bytesPerNumber } from '../files/safetensors';
import type { SafetensorsHeader, TensorInfo } from '../files/safetensors';
import { decodeValues } from '../files/safetensorsData';
import { ByteReader } from './fileSource';
import type { OpenedFile } from './fileSource';

/** Whole rows of one tensor; Uint16Array values are float16 bits. 1-d tensors are one row. */
export interface TensorChunk {
  /** As `wanted` returned it. */
  name: string;
  rowOffset: number;
  rows: number;
  rowLength: number;
  /** Belongs to the receiver. */
  values: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

export interface StreamOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

/** One chunk holds at most this much, unless a single row is larger. */
export const chunkBytes = 4 << 20;

/**
 * Reads the tensors once, from the first byte to the last, and hands on those that `wanted` names; waits for
 * `onChunk` before it reads on, so that memory stays at one chunk and what the transfer has in flight.
 * @throws TuneletError 'model/bad-safetensors' when the bytes end early or late, 'model/unsupported' for a wanted
 *   tensor that holds no floats
 */
export async function streamTensors(
  opened: OpenedFile,
  header: SafetensorsHeader,
  wanted: (fileName: string) => string | null,
  onChunk: (chunk: TensorChunk) => void | Promise<void>,
  options: StreamOptions,
): Promise<void> {
  const reader = new ByteReader(opened.body, options.signal);
  const report = () => options.onProgress?.(reader.position, header.fileSizeBytes);
  try {
    await skipAll(reader, header.dataOffset, header);
    for (const tensor of header.tensors) {
      const name = wanted(tensor.name);
      if (name === null) await skipAll(reader, tensor.byteLength, header);
      else await streamOne(reader, tensor, name, onChunk, report, header);
      report();
    }
    if ((await reader.skip(1)) !== 0) throw wrongEnd(header, 'goes on after');
  } finally {
    await reader.close();
  }
}

async function streamOne(
  reader: ByteReader,
  tensor: TensorInfo,
  name: string,
  onChunk: (chunk: TensorChunk) => void | Promise<void>,
  report: () => void,
  header: SafetensorsHeader,
): Promise<void> {
  const rowLength = tensor.shape.at(-1) ?? 1;
  const rowBytes = rowLength * bytesPerNumber[tensor.dtype];
  if (rowBytes === 0) return;
  const rows = tensor.byteLength / rowBytes;
  const rowsPerChunk = Math.max(1, Math.floor(chunkBytes / rowBytes));
  for (let rowOffset = 0; rowOffset < rows; rowOffset += rowsPerChunk) {
    const count = Math.min(rowsPerChunk, rows - rowOffset);
    const data = new Uint8Array(count * rowBytes);
    if ((await reader.readInto(data)) !== data.length) throw wrongEnd(header, 'ends before', reader.position);
    await onChunk({ name, rowOffset, rows: count, rowLength, values: decodeValues(tensor, data) });
    report();
  }
}

async function skipAll(reader: ByteReader, count: number, header: SafetensorsHeader): Promise<void> {
  if ((await reader.skip(count)) !== count) throw wrongEnd(header, 'ends before', reader.position);
}

function wrongEnd(header: SafetensorsHeader, fault: string, loadedBytes = header.fileSizeBytes): TuneletError {
  return new TuneletError(
    'model/bad-safetensors',
    `The weights’ file ${fault} byte ${header.fileSizeBytes}, where its header says that it ends.`,
    'The file may have been cut off or changed. Load it again.',
    { expectedBytes: header.fileSizeBytes, loadedBytes },
  );
}
