import { TuneletError } from '../api/errors';
import { ggmlTypes, type GgmlType } from './ggmlTypes';
import { GgufCursor, GgufFault, OutOfBytes } from './ggufCursor';
import { ggufLimits, readGgufValue, type GgufValue } from './ggufValues';

export interface GgufTensor {
  name: string;
  type: GgmlType;
  /** As PyTorch says it: the last dimension is the one whose numbers lie side by side. */
  shape: readonly number[];
  /** From the start of the file. */
  byteOffset: number;
  byteLength: number;
}

export interface GgufHeader {
  version: 2 | 3;
  metadata: ReadonlyMap<string, GgufValue>;
  /** In the order of their bytes in the file. */
  tensors: readonly GgufTensor[];
  /** Where the last tensor ends; padding may follow. */
  endOfTensors: number;
}

interface Described {
  name: string;
  type: GgmlType;
  shape: number[];
  /** From the start of the data. */
  offset: number;
  byteLength: number;
}

const magic = 0x4655_4747;
const defaultAlignment = 32;

/**
 * Reads and checks a GGUF header (versions 2 and 3, little-endian): every value, every tensor's type, shape and place, no overlap,
 * nothing beyond the file's end. Bounded before memory is set aside: see `ggufLimits`.
 * @param bytes the start of the file
 * @param fileSizeBytes null where a server does not tell
 * @returns null where the header goes on beyond `bytes`, and the file may go on, too
 * @throws TuneletError 'model/bad-gguf'; 'model/unsupported' for a version, byte order or tensor type that is not read
 */
export function parseGgufHeader(bytes: Uint8Array, fileSizeBytes: number | null, fileName = 'the GGUF file'): GgufHeader | null {
  try {
    return readHeader(new GgufCursor(bytes.subarray(0, ggufLimits.headerBytes)), fileSizeBytes, fileName);
  } catch (error) {
    if (error instanceof GgufFault) throw badGguf(fileName, `its ${error.message}`);
    if (!(error instanceof OutOfBytes)) throw error;
    if (fileSizeBytes !== null && error.neededBytes > fileSizeBytes) {
      throw badGguf(fileName, `its header needs ${error.neededBytes} bytes, but the file ends after ${fileSizeBytes}`);
    }
    if (error.neededBytes > ggufLimits.headerBytes) {
      throw badGguf(fileName, `its header has more than ${ggufLimits.headerBytes} bytes`);
    }
    return null;
  }
}

/** A file that breaks the format's rules. */
export function badGguf(fileName: string, fault: string, details: TuneletError['details'] = {}): TuneletError {
  return new TuneletError(
    'model/bad-gguf',
    `${fileName} is not a sound GGUF file: ${fault}.`,
    'The file may be cut off or damaged. Download it again, or convert the model again.',
    { file: fileName, ...details },
  );
}

function readHeader(cursor: GgufCursor, fileSizeBytes: number | null, fileName: string): GgufHeader {
  const version = readVersion(cursor, fileName);
  const tensorCount = cursor.count('number of tensors', ggufLimits.tensors);
  const entryCount = cursor.count('number of metadata values', ggufLimits.metadataEntries);
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < entryCount; index++) {
    const key = cursor.text('a key', ggufLimits.keyBytes);
    if (metadata.has(key)) throw new GgufFault(`metadata name “${key.slice(0, 80)}” twice`);
    metadata.set(key, readGgufValue(cursor, key.slice(0, 80)));
  }
  const described: Described[] = [];
  const names = new Set<string>();
  for (let index = 0; index < tensorCount; index++) {
    const tensor = readTensor(cursor, fileName);
    if (names.has(tensor.name)) throw new GgufFault(`header names the tensor “${tensor.name.slice(0, 80)}” twice`);
    names.add(tensor.name);
    described.push(tensor);
  }
  const alignment = readAlignment(metadata);
  const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
  const { tensors, end } = placed(described, dataOffset, alignment, fileSizeBytes);
  return { version, metadata, tensors, endOfTensors: end };
}

function readVersion(cursor: GgufCursor, fileName: string): 2 | 3 {
  if (cursor.uint32() !== magic) throw new GgufFault('first four bytes are not “GGUF”');
  const version = cursor.uint32();
  if (version === 2 || version === 3) return version;
  const isBigEndian = version !== 0 && (version & 0xffff) === 0;
  throw new TuneletError(
    'model/unsupported',
    `${fileName} ${isBigEndian ? 'is written in big-endian byte order' : `has GGUF version ${version}`}; little-endian files of versions 2 and 3 are read.`,
    'Convert the model again with a current llama.cpp.',
    { file: fileName, version },
  );
}

function readTensor(cursor: GgufCursor, fileName: string): Described {
  const name = cursor.text('a tensor’s name', ggufLimits.tensorNameBytes);
  const shortName = name.slice(0, 80);
  const dimensions = cursor.uint32();
  if (dimensions < 1 || dimensions > ggufLimits.dimensions) {
    throw new GgufFault(`tensor “${shortName}” has ${dimensions} dimensions; 1 to ${ggufLimits.dimensions} are allowed`);
  }
  const shape: number[] = [];
  for (let index = 0; index < dimensions; index++) {
    shape.unshift(cursor.count(`dimension ${index + 1} of “${shortName}”`, ggufLimits.dimension));
  }
  const typeNumber = cursor.uint32();
  const type = ggmlTypes.get(typeNumber);
  if (!type) throw unknownType(fileName, shortName, typeNumber);
  const offset = cursor.count(`offset of “${shortName}”`, Number.MAX_SAFE_INTEGER);
  return { name, type, shape, offset, byteLength: byteLengthOf(shortName, shape, type) };
}

function byteLengthOf(name: string, shape: readonly number[], { name: type, blockNumbers, blockBytes }: GgmlType): number {
  const rowLength = shape.at(-1) ?? 0;
  if (rowLength % blockNumbers !== 0) {
    throw new GgufFault(
      `tensor “${name}” has rows of ${rowLength} numbers, which blocks of ${blockNumbers} (${type}) do not divide`,
    );
  }
  let byteLength = (rowLength / blockNumbers) * blockBytes;
  for (const size of shape.slice(0, -1)) {
    byteLength *= size;
    if (!Number.isSafeInteger(byteLength))
      throw new GgufFault(`tensor “${name}” has the shape [${shape.join(', ')}], too large to count`);
  }
  return byteLength;
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? defaultAlignment;
  const isFine =
    typeof alignment === 'number' &&
    alignment >= 1 &&
    alignment <= ggufLimits.alignment &&
    Number.isInteger(Math.log2(alignment));
  if (isFine) return alignment;
  throw new GgufFault(
    `alignment is ${String(alignment).slice(0, 40)}; it must be a power of two, at most ${ggufLimits.alignment}`,
  );
}

/** Each tensor must begin on a multiple of the alignment, not before the one before it ends, and end within the file. */
function placed(
  described: readonly Described[],
  dataOffset: number,
  alignment: number,
  fileSizeBytes: number | null,
): { tensors: GgufTensor[]; end: number } {
  const tensors = described
    .map(({ offset, ...tensor }) => {
      const byteOffset = dataOffset + offset;
      if (offset % alignment !== 0) {
        throw new GgufFault(`tensor “${tensor.name.slice(0, 80)}” begins at ${offset}, which is no multiple of ${alignment}`);
      }
      if (!Number.isSafeInteger(byteOffset + tensor.byteLength)) {
        throw new GgufFault(`tensor “${tensor.name.slice(0, 80)}” begins at ${offset}, beyond any file`);
      }
      return { ...tensor, byteOffset };
    })
    .sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let end = dataOffset;
  for (const { name, byteOffset, byteLength } of tensors) {
    if (byteOffset < end) throw new GgufFault(`tensor “${name.slice(0, 80)}” overlaps the one before it at byte ${byteOffset}`);
    end = byteOffset + byteLength;
    if (fileSizeBytes !== null && end > fileSizeBytes) {
      throw new GgufFault(`tensor “${name.slice(0, 80)}” ends at byte ${end}, but the file has ${fileSizeBytes}`);
    }
  }
  return { tensors, end };
}

function unknownType(fileName: string, tensor: string, type: number): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `The tensor “${tensor}” of ${fileName} is stored as ggml type ${type}, which is not known here.`,
    'Choose a file in Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K, F16, BF16 or F32.',
    { file: fileName, tensor, type },
  );
}
