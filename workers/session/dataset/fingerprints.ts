import { createXXHash128, xxhash128 } from 'hash-wasm';
import { splitNames } from '../../api/splitNames';
import type { Dataset } from '../../data/dataset';
import type { ParameterLayout } from '../../engine/parameters';
import { TimeSlice } from '../../tokenizer/timeSlice';
import type { ChosenModel } from '../model/modelRoom';

const encoder = new TextEncoder();
const pieceBytes = 1 << 18;
/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const mostBytesPerUnit = 3;

const known = new WeakMap<Dataset, Promise<string>>();

/**
 * Hash of what a run learns from and is judged by: each split's texts with their labels, in order. Mapping, cleaning and split show in
 * it, so two datasets of one fingerprint give the same run. Takes about a second for a million short rows, in slices of time, once.
 */
export function datasetFingerprint(dataset: Dataset): Promise<string> {
  const hashed = known.get(dataset) ?? hashDataset(dataset);
  known.set(dataset, hashed);
  return hashed;
}

async function hashDataset(dataset: Dataset): Promise<string> {
  const hash = await createXXHash128();
  const slice = new TimeSlice();
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  const flush = (): void => {
    hash.update(piece.subarray(0, filled));
    filled = 0;
  };
  const write = (text: string): void => {
    if (text.length * mostBytesPerUnit > pieceBytes - filled) flush();
    if (text.length * mostBytesPerUnit > pieceBytes) hash.update(encoder.encode(text));
    else filled += encoder.encodeInto(text, piece.subarray(filled)).written;
  };
  write(JSON.stringify(dataset.labels));
  for (const split of splitNames) {
    const texts = dataset.texts(split);
    const classes = dataset.classes(split);
    write(`\0${split} ${texts.length}\0`);
    for (let index = 0; index < texts.length; index += 1) {
      write(texts.at(index));
      write(`\0${classes[index]}\n`);
      if (slice.isOver()) await slice.giveWay();
    }
  }
  flush();
  return hash.digest('hex');
}

/**
 * Of the Hub the commit tells which model it is; of files their configuration, tokenizer, the list of their tensors and, where they were
 * dropped, a hash of their bytes. Throws 'model/missing-file' where these are gone.
 */
export async function modelFingerprint({ files, summary }: ChosenModel): Promise<string> {
  const { source, revision, sizeBytes, format, config, tokenizer, tensors } = files;
  const name = source === 'files' ? null : summary.name;
  const listed = tensors.map(({ name: tensor, dtype, shape }) => [tensor, dtype, shape]);
  const kind = source === 'hub' ? 'hub' : 'local';
  return xxhash128(
    JSON.stringify([kind, name, revision, sizeBytes, format, config, tokenizer, listed, await files.weightsHash()]),
  );
}

/** Of where each trained tensor lies in the flat buffer. */
export async function layoutKey({ slices, size }: ParameterLayout): Promise<string> {
  const places = slices.map(({ tensor, rowStart, shape, offset }) => [tensor, rowStart, shape, offset]);
  return xxhash128(JSON.stringify([size, places]));
}
