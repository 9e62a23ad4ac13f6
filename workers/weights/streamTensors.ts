import type { TuneletError } from '../api/errors';
import type { BlockRows } from '../files/packBlocks';
import { ByteReader, type OpenedFile } from './fileSource';

/** A tensor as models see it: its transformers name and shape, and the type in which it is stored. */
export interface StoredTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
}

/** Numbers of whole rows: Uint16Array holds float16 bits; blocks are handed over as they are stored. */
export type RowValues = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | BlockRows;

/** Whole rows of one tensor. 1-d tensors are one row. */
export interface TensorChunk {
  /** As `wanted` returned it. */
  name: string;
  rowOffset: number;
  rows: number;
  rowLength: number;
  /** Belongs to the receiver. */
  values: RowValues;
}

export interface StreamOptions {
  signal?: AbortSignal | undefined;
  /** Bytes of all files together; `file` is the one being read. */
  onProgress?: ((file: string, loadedBytes: number, totalBytes: number) => void) | undefined;
}

/** Returns the receiver's name for a tensor, or null for one that is not wanted. */
export type Wanted = (fileName: string) => string | null;
export type OnChunk = (chunk: TensorChunk) => void | Promise<void>;

/** Where a tensor lies in a file and how its bytes become rows. */
export interface TensorPlan {
  name: string;
  byteOffset: number;
  byteLength: number;
  rows: number;
  rowLength: number;
  rowBytes: number;
  /** Of a row once it is decoded. */
  rowHeapBytes: number;
  /** Rows that must be decoded together; a chunk holds a number of such groups. */
  rowGroup: number;
  /** Throws TuneletError where the type cannot be read. */
  decode(bytes: Uint8Array<ArrayBuffer>, rows: number): Pick<TensorChunk, 'rows' | 'rowLength' | 'values'>;
}

/** One file's tensors in the order of their bytes. */
export interface FilePlan {
  tensors: readonly TensorPlan[];
  /** Where the last tensor ends. */
  endOfTensors: number;
  /** Nothing may follow the last tensor. */
  endsThere: boolean;
  /** The error for a file whose bytes end early or late. */
  wrongEnd(fault: string, loadedBytes: number): TuneletError;
}

/** One chunk holds at most this much, stored or decoded, unless a single group of rows is larger. */
export const chunkBytes = 4 << 20;

/**
 * Reads a file's tensors once, from the first byte to the last, and hands on those that `wanted` names; waits for `onChunk` before
 * it reads on, so that memory stays at one chunk and what the transfer has in flight.
 * @param onBytes told the position in the file
 * @throws `plan.wrongEnd`, what `decode` throws, and what `onChunk` throws
 */
export async function streamTensors(
  opened: OpenedFile,
  plan: FilePlan,
  wanted: Wanted,
  onChunk: OnChunk,
  { signal, onBytes }: { signal?: AbortSignal | undefined; onBytes: (position: number) => void },
): Promise<void> {
  const reader = new ByteReader(opened.body, signal);
  const skipTo = async (offset: number) => {
    const count = offset - reader.position;
    if ((await reader.skip(count)) !== count) throw plan.wrongEnd('ends before', reader.position);
  };
  try {
    for (const tensor of plan.tensors) {
      const name = wanted(tensor.name);
      if (name !== null) {
        await skipTo(tensor.byteOffset);
        await streamOne(reader, tensor, name, onChunk, plan, onBytes);
      }
      await skipTo(tensor.byteOffset + tensor.byteLength);
      onBytes(reader.position);
    }
    await skipTo(plan.endOfTensors);
    if (plan.endsThere && (await reader.skip(1)) !== 0) throw plan.wrongEnd('goes on after', reader.position);
  } finally {
    await reader.close();
  }
}

async function streamOne(
  reader: ByteReader,
  tensor: TensorPlan,
  name: string,
  onChunk: OnChunk,
  plan: FilePlan,
  onBytes: (position: number) => void,
): Promise<void> {
  const { rows, rowBytes, rowHeapBytes, rowGroup } = tensor;
  if (rowBytes === 0) return;
  const groupsPerChunk = Math.max(1, Math.floor(chunkBytes / (Math.max(rowHeapBytes, rowBytes) * rowGroup)));
  const rowsPerChunk = groupsPerChunk * rowGroup;
  for (let rowOffset = 0; rowOffset < rows; rowOffset += rowsPerChunk) {
    const count = Math.min(rowsPerChunk, rows - rowOffset);
    const bytes = new Uint8Array(count * rowBytes);
    if ((await reader.readInto(bytes)) !== bytes.length) throw plan.wrongEnd('ends before', reader.position);
    await onChunk({ name, rowOffset, ...tensor.decode(bytes, count) });
    onBytes(reader.position);
  }
}
