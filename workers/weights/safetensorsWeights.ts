import { TuneletError } from '../api/errors';
import {
  bytesPerNumber,
  parseSafetensorsHeader,
  safetensorsHeaderLength,
  type SafetensorsHeader,
  type TensorInfo,
} from '../files/safetensors';
import { decodeValues } from '../files/safetensorsData';
import { ByteReader, type FileSource } from './fileSource';
import { openFile, streamFiles, type PlannedFile, type StoredWeights } from './storedWeights';
import type { FilePlan, TensorPlan } from './streamTensors';

const firstRead = 64 << 10;

/**
 * Reads the headers of safetensors files that together hold a model's tensors.
 * @param expected by an index: the file of each tensor
 * @throws TuneletError 'model/bad-safetensors', also for a tensor in two files or not where the index says
 */
export async function openSafetensors(
  source: FileSource,
  fileNames: readonly string[],
  expected: ReadonlyMap<string, string> | null,
  signal: AbortSignal | undefined,
): Promise<StoredWeights> {
  const files: PlannedFile[] = [];
  const tensors = new Map<string, { info: TensorInfo; file: string }>();
  for (const name of fileNames) {
    const header = await readHeader(source, name, signal);
    for (const info of header.tensors) {
      const other = tensors.get(info.name);
      if (other) throw misplaced(info.name, `is in ${other.file} and in ${name}`);
      tensors.set(info.name, { info, file: name });
    }
    files.push({ name, sizeBytes: header.fileSizeBytes, plan: planOf(header) });
  }
  for (const [tensor, file] of expected ?? []) {
    const found = tensors.get(tensor)?.file;
    if (found !== file)
      throw misplaced(tensor, `should be in ${file}, but is ${found === undefined ? 'nowhere' : `in ${found}`}`);
  }
  return {
    format: 'safetensors',
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    fileNames,
    files,
    tensors: [...tensors.values()].map(({ info: { name, dtype, shape } }) => ({ name, dtype, shape })),
    stream: (wanted, onChunk, options) => streamFiles(source, files, wanted, onChunk, options),
  };
}

function planOf(header: SafetensorsHeader): FilePlan {
  return {
    tensors: header.tensors.map(planOfTensor),
    endOfTensors: header.fileSizeBytes,
    endsThere: true,
    wrongEnd: (fault, loadedBytes) => wrongEnd(header, fault, loadedBytes),
  };
}

function planOfTensor(info: TensorInfo): TensorPlan {
  const { name, byteOffset, byteLength } = info;
  const rowLength = info.shape.at(-1) ?? 1;
  const rowBytes = rowLength * bytesPerNumber[info.dtype];
  return {
    name,
    byteOffset,
    byteLength,
    rows: rowBytes === 0 ? 0 : byteLength / rowBytes,
    rowLength,
    rowBytes,
    rowHeapBytes: info.dtype === 'BF16' ? 2 * rowBytes : rowBytes,
    rowGroup: 1,
    decode: (bytes, rows) => ({ rows, rowLength, values: decodeValues(info, bytes) }),
  };
}

/** The first bytes hold most headers; a longer one is read anew, unless the server sends on by itself. */
async function readHeader(source: FileSource, fileName: string, signal: AbortSignal | undefined): Promise<SafetensorsHeader> {
  for (let firstBytes = firstRead; ;) {
    const opened = await openFile(source, fileName, { signal, firstBytes });
    const reader = new ByteReader(opened.body, signal);
    try {
      const start = new Uint8Array(8);
      const startBytes = await reader.readInto(start);
      const length = safetensorsHeaderLength(start.subarray(0, startBytes), opened.sizeBytes, fileName);
      const bytes = new Uint8Array(8 + length);
      bytes.set(start);
      const read = 8 + (await reader.readInto(bytes.subarray(8)));
      const isCutByUs = read < bytes.length && read === firstBytes;
      if (!isCutByUs) return parseSafetensorsHeader(bytes.subarray(0, read), opened.sizeBytes, fileName);
      firstBytes = bytes.length;
    } finally {
      await reader.close();
    }
  }
}

function wrongEnd(header: SafetensorsHeader, fault: string, loadedBytes: number): TuneletError {
  return new TuneletError(
    'model/bad-safetensors',
    `The weights’ file ${fault} byte ${header.fileSizeBytes}, where its header says that it ends.`,
    'The file may have been cut off or changed. Load it again.',
    { expectedBytes: header.fileSizeBytes, loadedBytes },
  );
}

function misplaced(tensor: string, fault: string): TuneletError {
  return new TuneletError(
    'model/bad-safetensors',
    `The weights’ files do not belong together: tensor “${tensor.slice(0, 120)}” ${fault}.`,
    'Download all files of the model again, from one and the same place.',
    { tensor: tensor.slice(0, 120) },
  );
}
