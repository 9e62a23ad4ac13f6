import { createXXHash128 } from 'hash-wasm';
import type { FileSource } from './fileSource';
import { unreadable } from './sources';
import type { PlannedFile, StoredWeights } from './storedWeights';

/** Files of so many bytes together are read whole, which takes under half a second; of larger ones samples are. */
const usualWholeBytes = 256 << 20;
/** At the beginning, in the middle and at the end of each tensor: 6,144 numbers of float16 together. */
const usualSampleBytes = 4 << 10;
const samplesPerTensor = 3;

/**
 * Hash of what the weights' files hold, so that two models of one shape are told apart by their numbers; null where a server has them.
 * Up to `wholeBytes` every byte counts. Beyond that the sizes, each file up to its first tensor and 12 KiB of every tensor do: models
 * that were trained apart differ in all of these, and a change to a few numbers alone can be overlooked.
 * @throws TuneletError 'model/missing-file' where a file was moved or changed since it was dropped
 */
export async function hashWeights(
  source: Pick<FileSource, 'onDisk'>,
  { files, sizeBytes }: Pick<StoredWeights, 'files' | 'sizeBytes'>,
  wholeBytes = usualWholeBytes,
): Promise<string | null> {
  const hash = await createXXHash128();
  const tensors = files.reduce((sum, { plan }) => sum + plan.tensors.length, 0);
  const sampleBytes = Math.min(usualSampleBytes, Math.ceil(wholeBytes / (samplesPerTensor * Math.max(1, tensors))));
  for (const file of files) {
    const blob = source.onDisk(file.name);
    if (blob === null) return null;
    hash.update(`${file.sizeBytes}\0`);
    const read = sizeBytes <= wholeBytes ? blob : new Blob(samplesOf(blob, file, sampleBytes, wholeBytes));
    await hashBlob(hash, read, file.name);
  }
  return hash.digest('hex');
}

function samplesOf(blob: Blob, { plan: { tensors } }: PlannedFile, sampleBytes: number, mostBytes: number): Blob[] {
  const header = Math.min(mostBytes, tensors.reduce((least, { byteOffset }) => Math.min(least, byteOffset), blob.size)); // prettier-ignore
  return [
    blob.slice(0, header),
    ...tensors.flatMap(({ byteOffset, byteLength }) => {
      const last = Math.max(0, byteLength - sampleBytes);
      return [0, Math.floor(last / 2), last].map((at) =>
        blob.slice(byteOffset + at, byteOffset + Math.min(at + sampleBytes, byteLength)),
      );
    }),
  ];
}

async function hashBlob(hash: Awaited<ReturnType<typeof createXXHash128>>, blob: Blob, name: string): Promise<void> {
  const reader = blob.stream().getReader();
  try {
    for (let read = await reader.read(); read.value; read = await reader.read()) hash.update(read.value);
  } catch (thrown) {
    throw unreadable(name, thrown instanceof Error ? thrown.message : String(thrown));
  }
}
