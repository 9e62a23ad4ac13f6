import { TuneletError } from '../api/errors';
import { dequantiserOf, readGgmlTypes } from '../files/dequantise';
import { badGguf, parseGgufHeader, type GgufHeader, type GgufTensor } from '../files/gguf';
import { ggufLimits } from '../files/ggufValues';
import { packBlocks } from '../files/packBlocks';
import { ByteReader, type FileSource } from './fileSource';
import { architectureOf, ggufConfig, type GgufArchitecture } from './ggufConfig';
import { GgufMetadata } from './ggufMetadata';
import { transformersName } from './ggufNames';
import { transposed, unpermuteRows } from './ggufRows';
import { openFile, streamFiles, type StoredWeights } from './storedWeights';
import type { RowValues, TensorPlan } from './streamTensors';

export interface GgufModel {
  metadata: GgufMetadata;
  /** As a config.json would say it. */
  config: Record<string, unknown>;
  weights: StoredWeights;
}

const firstRead = 4 << 20;
/** How far into a file `rope_freqs.weight` is looked for; llama.cpp writes it first. */
const farthestFactors = 64 << 20;
/** A matrix that must be turned as a whole is held whole; the largest GPT-2's have 41 MB. */
const largestTurnedBytes = 256 << 20;

/**
 * Reads the header of a GGUF file; its weights stay where they are.
 * @throws TuneletError 'model/bad-gguf' or 'model/unsupported'
 */
export async function openGguf(source: FileSource, fileName: string, signal: AbortSignal | undefined): Promise<GgufModel> {
  const { header, sizeBytes } = await readHeader(source, fileName, signal);
  const metadata = new GgufMetadata(header.metadata, fileName);
  const architecture = architectureOf(metadata);
  const ropeFactors = await readRopeFactors(source, fileName, header, signal);
  const config = ggufConfig({ metadata, tensors: header.tensors, ropeFactors });
  const tensors = header.tensors.map((tensor) => planOf(tensor, architecture, metadata));
  const { endOfTensors } = header;
  const wrongEnd = (fault: string, loadedBytes: number) =>
    badGguf(fileName, `it ${fault} byte ${endOfTensors}, where its header says that its tensors end`, { loadedBytes });
  const plan = { tensors, endOfTensors, endsThere: false, wrongEnd };
  const files = [{ name: fileName, sizeBytes, plan }];
  const weights: StoredWeights = {
    format: 'gguf',
    sizeBytes,
    fileNames: [fileName],
    files,
    tensors: header.tensors.map(({ name, type, shape }) => {
      const named = transformersName(name, architecture);
      return { name: named.name, dtype: type.name, shape: named.isTransposed ? shape.toReversed() : shape };
    }),
    stream: (wanted, onChunk, options) => streamFiles(source, files, wanted, onChunk, options),
  };
  return { metadata, config, weights };
}

function planOf(tensor: GgufTensor, architecture: GgufArchitecture, metadata: GgufMetadata): TensorPlan {
  const { name, isPermuted, isTransposed } = transformersName(tensor.name, architecture);
  const { type, byteOffset, byteLength, shape } = tensor;
  // A bias is one row to its receiver, but its numbers move as rows do.
  const isMovedBias = isPermuted && shape.length === 1;
  if (isMovedBias && type.blockNumbers > 1)
    throw badGguf(metadata.fileName, `its bias “${tensor.name}” is stored as ${type.name}`);
  const rowLength = isMovedBias ? 1 : (shape.at(-1) ?? 1);
  const rowBytes = (rowLength / type.blockNumbers) * type.blockBytes;
  const rows = rowBytes === 0 ? 0 : byteLength / rowBytes;
  const headSize = isPermuted ? headSizeOf(tensor, metadata) : 1;
  const isWide = type.name === 'F16' ? 2 : 4;
  if (isTransposed && isWide * rows * rowLength > largestTurnedBytes) {
    throw badGguf(
      metadata.fileName,
      `its tensor “${tensor.name}” has ${rows} rows of ${rowLength} numbers, more than any GPT-2’s`,
    );
  }
  return {
    name,
    byteOffset,
    byteLength,
    rows,
    rowLength,
    rowBytes,
    rowHeapBytes: isWide * rowLength,
    rowGroup: isTransposed || isMovedBias ? Math.max(1, rows) : headSize,
    decode(bytes, count) {
      const ordered = isPermuted ? unpermuteRows(bytes, rowBytes, headSize) : bytes;
      if (isMovedBias) return { rows: 1, rowLength: count, values: valuesOf(tensor, ordered, count, false) };
      if (!isTransposed)
        return { rows: count, rowLength, values: valuesOf(tensor, ordered, count * rowLength, shape.length > 1) };
      return {
        rows: rowLength,
        rowLength: count,
        values: turned(valuesOf(tensor, ordered, count * rowLength, false), count, rowLength),
      };
    },
  };
}

/** @param keepsBlocks rows may be handed on in the blocks that they are stored in */
function valuesOf(tensor: GgufTensor, bytes: Uint8Array<ArrayBuffer>, count: number, keepsBlocks: boolean): RowValues {
  if (tensor.type.name === 'F16') return new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  const blocks = keepsBlocks ? packBlocks(tensor.type.name, bytes) : null;
  if (blocks !== null) return blocks;
  const dequantise = dequantiserOf(tensor.type.name);
  if (dequantise === null) throw unreadable(tensor);
  const values = new Float32Array(count);
  dequantise(bytes, values);
  return values;
}

function turned(values: RowValues, rows: number, columns: number): RowValues {
  if (values instanceof Float32Array) return transposed(values, rows, columns, new Float32Array(values.length));
  if (values instanceof Uint16Array) return transposed(values, rows, columns, new Uint16Array(values.length));
  throw new Error('Blocks cannot be turned.');
}

function headSizeOf({ name, shape }: GgufTensor, metadata: GgufMetadata): number {
  const ofHeads = metadata.sameInAllLayers('llama.attention.head_count');
  const ofKeys = metadata.sameInAllLayers('llama.attention.head_count_kv') ?? ofHeads;
  const heads = metadata.required(name.includes('.attn_k.') ? ofKeys : ofHeads, 'llama.attention.head_count');
  const rows = shape[0] ?? 0;
  const headSize = rows / heads;
  if (Number.isInteger(headSize) && headSize > 0 && headSize % 2 === 0) return headSize;
  throw badGguf(metadata.fileName, `its tensor “${name}” has ${rows} rows, which ${heads} heads do not divide into pairs`, {
    tensor: name,
  });
}

/** Reads on until the header is whole; a stream that was asked for its beginning only is opened anew for more. */
async function readHeader(
  source: FileSource,
  fileName: string,
  signal: AbortSignal | undefined,
): Promise<{ header: GgufHeader; sizeBytes: number }> {
  for (let firstBytes = firstRead; ; firstBytes = Math.min(4 * firstBytes, ggufLimits.headerBytes + 1)) {
    const opened = await openFile(source, fileName, { signal, firstBytes });
    const reader = new ByteReader(opened.body, signal);
    try {
      const bytes = new Uint8Array(Math.min(firstBytes, opened.sizeBytes ?? firstBytes));
      const read = await reader.readInto(bytes);
      const isWhole = read < bytes.length;
      const header = parseGgufHeader(bytes.subarray(0, read), isWhole ? read : opened.sizeBytes, fileName);
      if (header !== null) return { header, sizeBytes: opened.sizeBytes ?? header.endOfTensors };
      if (isWhole) throw badGguf(fileName, `its header goes on after its last byte, ${read}`);
    } finally {
      await reader.close();
    }
  }
}

async function readRopeFactors(
  source: FileSource,
  fileName: string,
  { tensors }: GgufHeader,
  signal: AbortSignal | undefined,
): Promise<Float32Array | null> {
  const tensor = tensors.find(({ name }) => name === 'rope_freqs.weight');
  if (!tensor) return null;
  const end = tensor.byteOffset + tensor.byteLength;
  if (tensor.type.name !== 'F32' || tensor.shape.length !== 1 || tensor.byteLength > 4096 || end > farthestFactors) {
    throw badGguf(fileName, 'its rope_freqs.weight is not a short list of float32 near its beginning');
  }
  const opened = await openFile(source, fileName, { signal, firstBytes: end });
  const reader = new ByteReader(opened.body, signal);
  try {
    await reader.skip(tensor.byteOffset);
    const bytes = new Uint8Array(tensor.byteLength);
    if ((await reader.readInto(bytes)) !== bytes.length) throw badGguf(fileName, 'it ends within rope_freqs.weight');
    return new Float32Array(bytes.buffer);
  } finally {
    await reader.close();
  }
}

function unreadable({ name, type }: GgufTensor): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `Tensor “${name}” is stored as ${type.name}; ${readGgmlTypes.join(', ')} are read.`,
    'Choose a file in one of these types: Q8_0, Q4_K_M and Q4_0 files are.',
    { tensor: name, dtype: type.name },
  );
}
