import { TuneletError } from '../api/errors';
import { findJsonFault } from './jsonScan';
import { isRecord } from '../api/isRecord';

/** Bytes of one number of each type that a header may name. */
export const bytesPerNumber = { F64: 8, I64: 8, F32: 4, I32: 4, F16: 2, BF16: 2, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;

export type TensorType = keyof typeof bytesPerNumber;

export interface TensorInfo {
  name: string;
  dtype: TensorType;
  shape: readonly number[];
  /** From the start of the file. */
  byteOffset: number;
  byteLength: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes in the file. */
  tensors: readonly TensorInfo[];
  byName: ReadonlyMap<string, TensorInfo>;
  metadata: ReadonlyMap<string, string>;
  /** Where the first tensor begins: length field and header come before. */
  dataOffset: number;
  /** What the header says the whole file holds. */
  fileSizeBytes: number;
}

/** A header lists names and shapes; GPT-2's takes 15 KB, the largest sharded models' a few MB. */
export const maximumHeaderBytes = 10_000_000;
/** A tensor has four. */
const mostNames = 300_000;
const mostDimensions = 8;

/** The header's own length, as an unsigned number of 64 bits, little-endian. */
export const lengthFieldBytes = 8;

/**
 * Length of the JSON header, from the first eight bytes of a file.
 * @param fileSizeBytes null where a server does not tell
 * @throws TuneletError 'model/bad-safetensors'
 */
export function safetensorsHeaderLength(bytes: Uint8Array, fileSizeBytes: number | null, fileName = 'model.safetensors'): number {
  if (bytes.length < lengthFieldBytes) {
    throw bad(fileName, `it has ${bytes.length} bytes, and a safetensors file begins with eight that give its header's length`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > maximumHeaderBytes) {
    throw bad(fileName, `its header claims ${length} bytes; at most ${maximumHeaderBytes} are read`, { headerBytes: length });
  }
  if (fileSizeBytes !== null && lengthFieldBytes + length > fileSizeBytes) {
    throw bad(fileName, `its header claims ${length} bytes, but the file ends after ${fileSizeBytes}`, {
      headerBytes: length,
      fileSizeBytes,
    });
  }
  return length;
}

/**
 * Reads and checks a whole header: every tensor's type, shape and place, no overlap, no hole, nothing after the end.
 * @param bytes the start of the file, at least up to the header's end
 * @param fileSizeBytes null where a server does not tell; the end is then known only when the data is read
 * @throws TuneletError 'model/bad-safetensors' with the tensor's name and the values met
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  fileSizeBytes: number | null,
  fileName = 'model.safetensors',
): SafetensorsHeader {
  const headerLength = safetensorsHeaderLength(bytes, fileSizeBytes, fileName);
  const dataOffset = lengthFieldBytes + headerLength;
  if (bytes.length < dataOffset) {
    throw bad(fileName, `its header should have ${headerLength} bytes, but it ends after ${bytes.length - lengthFieldBytes}`);
  }
  const entries = headerEntries(bytes.subarray(lengthFieldBytes, dataOffset), fileName);
  const metadata = new Map<string, string>();
  const tensors: TensorInfo[] = [];
  for (const [name, entry] of entries) {
    if (name === '__proto__') throw bad(fileName, 'it names a tensor “__proto__”, as no model does', { tensor: name });
    if (name === '__metadata__') readMetadata(entry, metadata, fileName);
    else tensors.push(readTensorInfo(name, entry, dataOffset, fileName));
  }
  tensors.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  const end = checkPlaces(tensors, dataOffset, fileName);
  if (fileSizeBytes !== null && end !== fileSizeBytes) {
    throw bad(fileName, `its tensors end at byte ${end}, but the file has ${fileSizeBytes} bytes`, { end, fileSizeBytes });
  }
  return { tensors, byName: new Map(tensors.map((t) => [t.name, t])), metadata, dataOffset, fileSizeBytes: end };
}

function headerEntries(bytes: Uint8Array, fileName: string): [string, unknown][] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad(fileName, 'its header is not UTF-8 text');
  }
  const fault = findJsonFault(text, 4, mostNames);
  if (fault?.kind === 'duplicate-key') {
    throw bad(fileName, `its header names “${fault.value.slice(0, 120)}” twice`, { tensor: fault.value.slice(0, 120) });
  }
  if (fault?.kind === 'too-many-keys') throw bad(fileName, `its header has more than ${mostNames} named values`);
  if (fault) throw bad(fileName, 'its header is nested deeper than a list of tensors is');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw bad(fileName, 'its header is not JSON');
  }
  if (!isRecord(header)) throw bad(fileName, 'its header is not a JSON object');
  return Object.entries(header);
}

function readMetadata(entry: unknown, metadata: Map<string, string>, fileName: string): void {
  if (!isRecord(entry)) throw bad(fileName, 'its __metadata__ is not an object');
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw bad(fileName, `its __metadata__ holds “${key.slice(0, 120)}”, which is not text`);
    metadata.set(key, value);
  }
}

function readTensorInfo(name: string, entry: unknown, dataOffset: number, fileName: string): TensorInfo {
  const shortName = name.slice(0, 120);
  const fail = (what: string, details: TuneletError['details'] = {}): never => {
    throw bad(fileName, `tensor “${shortName}” ${what}`, { tensor: shortName, ...details });
  };
  if (!isRecord(entry)) return fail('is not described by an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isTensorType(dtype)) {
    return fail(`has the type ${excerpt(dtype)}; known are ${Object.keys(bytesPerNumber).join(', ')}`, { dtype: excerpt(dtype) });
  }
  if (Array.isArray(shape) && shape.length > mostDimensions) {
    return fail(`has ${shape.length} dimensions; at most ${mostDimensions} are read`, { dimensions: shape.length });
  }
  if (!isListOfCounts(shape)) return fail(`has the shape ${excerpt(shape)}, which is not a list of whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !isListOfCounts(offsets)) {
    return fail(`has the offsets ${excerpt(offsets)}, which are not two whole numbers`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  if (begin > end) return fail(`begins at ${begin} and ends before it, at ${end}`, { begin, end });
  let wantedBytes: number = bytesPerNumber[dtype];
  for (const size of shape) {
    wantedBytes *= size;
    if (!Number.isSafeInteger(wantedBytes)) break;
  }
  if (!Number.isSafeInteger(wantedBytes)) return fail(`has the shape ${excerpt(shape)}, which is too large to count`);
  if (end - begin !== wantedBytes) {
    return fail(`has ${end - begin} bytes; its shape ${excerpt(shape)} in ${dtype} needs ${wantedBytes}`, {
      bytes: end - begin,
      wantedBytes,
    });
  }
  return { name, dtype, shape, byteOffset: dataOffset + begin, byteLength: wantedBytes };
}

/** Each tensor must begin where the one before it ends. Returns the end of the last. */
function checkPlaces(tensors: readonly TensorInfo[], dataOffset: number, fileName: string): number {
  let end = dataOffset;
  for (const tensor of tensors) {
    const begin = tensor.byteOffset;
    if (begin !== end) {
      const fault = begin < end ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw bad(fileName, `tensor “${tensor.name.slice(0, 120)}” begins at byte ${begin}, not at ${end}: it ${fault}`, {
        tensor: tensor.name.slice(0, 120),
        begin,
        end,
      });
    }
    end = begin + tensor.byteLength;
  }
  return end;
}

function isTensorType(value: unknown): value is TensorType {
  return typeof value === 'string' && Object.hasOwn(bytesPerNumber, value);
}

function isListOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function excerpt(value: unknown): string {
  const start: unknown = Array.isArray(value) ? value.slice(0, 30) : value;
  return (JSON.stringify(start) ?? 'none').replaceAll(',', ', ').slice(0, 60);
}

function bad(fileName: string, fault: string, details: TuneletError['details'] = {}): TuneletError {
  return new TuneletError(
    'model/bad-safetensors',
    `${fileName} is not a sound safetensors file: ${fault}.`,
    'The file may be cut off or damaged. Download it again, or save it again with the safetensors library.',
    { file: fileName, ...details },
  );
}
