import type { LabelCount, SplitName } from '../api/dataset';
import type { HubDatasetChoice } from '../api/hubDataset';
import { writeZip } from '../files/zip';
import { longest, measured, rowsOfSplits, splitName } from './entryShape';
import { damaged, readJson, unpackRun } from './faults';
import { fields, finite, flag, listOf, nullable, oneOf, optional, text, whole } from './shape';

/** Texts that a run was judged on, and what both models made of them. */
export interface KeptTexts {
  split: SplitName;
  texts: string[];
  /** True classes, `(texts)`. */
  labels: Int32Array;
  /** Logits `(texts, classes)`. */
  base: Float32Array;
  tuned: Float32Array;
  written: KeptAnswers | null;
}

/** Free answers to the texts of `rows`; `label` null: it names none. */
export interface KeptAnswers {
  /** Ascending. */
  rows: Int32Array;
  base: KeptAnswer[];
  tuned: KeptAnswer[];
}

export interface KeptAnswer {
  answer: string;
  label: number | null;
}

/** Another column of the dataset, by which the judged texts can be told apart. */
export interface KeptColumn {
  column: string;
  division: 'bands' | 'quartiles' | null;
  names: { value: string; range: string | null }[];
  /** `(texts)`, indices in `names`. */
  groupOf: Uint8Array;
}

/** What a run leaves beside its list entry and its adapter. */
export interface RunDetails {
  labels: string[];
  trainExamples: number;
  classWeights: number[] | null;
  skippedSteps: number;
  rateHalvedAfter: number | null;
  tokensPerSecond: number;
  adapterBytes: number;
  python: string;
  baseFilesOffered: boolean;
  /** `(steps, 4)`: step, loss, learning rate, gradient norm. */
  steps: Float64Array;
  /** `(evaluations, 5)`: step, 0 base or 1 tuned, loss, accuracy, macro-F1; the last two NaN for plain text. */
  curve: Float64Array;
  /** Null for plain text. */
  judged: KeptTexts | null;
  columns: KeptColumn[];
  /** What a model card tells of the dataset; null of runs that an earlier version kept. */
  data: KeptData | null;
}

/** A dataset in words. */
export interface KeptData {
  name: string;
  attribution: string | null;
  hub: HubDatasetChoice | null;
  labels: LabelCount[];
  split: Record<SplitName, number>;
  splitMethod: string;
}

export const stepFields = 4;
export const curveFields = 5;

/** As many texts and bytes as a dataset may have, and a few more. */
const mostTexts = 5_000_000;
const limits = { entries: 16, totalBytes: 1 << 30, ratio: 200 };
const what = 'What the run left';

const answers = listOf(fields<KeptAnswer>({ answer: text(100_000), label: nullable(whole()) }), mostTexts);

const optionalWord = nullable(text(longest.word));

const keptData = fields<KeptData>({
  name: text(longest.word),
  attribution: nullable(text(longest.prompt)),
  hub: nullable(
    fields<HubDatasetChoice>({
      id: text(longest.word),
      config: text(longest.word),
      splits: fields({ train: text(longest.word), validation: optionalWord, test: optionalWord }),
      text: text(longest.word),
      label: text(longest.word),
      rows: nullable(whole()),
      choose: oneOf('spread', 'first'),
    }),
  ),
  labels: listOf(fields({ name: text(longest.word), count: whole() }), longest.list),
  split: rowsOfSplits,
  splitMethod: text(longest.word),
});

const shape = fields({
  labels: listOf(text(longest.word), longest.list),
  trainExamples: whole(),
  classWeights: nullable(listOf(finite(), longest.list)),
  skippedSteps: whole(),
  rateHalvedAfter: nullable(whole()),
  tokensPerSecond: measured,
  adapterBytes: whole(),
  python: text(longest.prompt),
  baseFilesOffered: flag,
  judged: nullable(
    fields({
      split: splitName,
      texts: listOf(text(64 << 20), mostTexts),
      written: nullable(fields({ base: answers, tuned: answers })),
    }),
  ),
  data: optional(nullable(keptData)),
  columns: listOf(
    fields({
      column: text(longest.word),
      division: nullable(oneOf('bands', 'quartiles')),
      names: listOf(fields({ value: text(longest.word), range: nullable(text(longest.word)) }), 256),
    }),
    256,
  ),
});

/** As a zip, whose checksums tell damage. */
export function writeDetails(details: RunDetails): Uint8Array<ArrayBuffer> {
  const { steps, curve, judged, columns, ...plain } = details;
  const json = {
    ...plain,
    judged: judged && {
      split: judged.split,
      texts: judged.texts,
      written: judged.written && { base: judged.written.base, tuned: judged.written.tuned },
    },
    columns: columns.map(({ column, division, names }) => ({ column, division, names })),
  };
  const files = new Map([
    ['details.json', new TextEncoder().encode(JSON.stringify(json))],
    ['steps.f64', bytesOf(steps)],
    ['curve.f64', bytesOf(curve)],
  ]);
  if (judged) {
    files.set('labels.i32', bytesOf(judged.labels));
    files.set('base.f32', bytesOf(judged.base));
    files.set('tuned.f32', bytesOf(judged.tuned));
    if (judged.written) files.set('answered.i32', bytesOf(judged.written.rows));
    const groups = new Uint8Array(columns.length * judged.texts.length);
    columns.forEach(({ groupOf }, index) => groups.set(groupOf, index * judged.texts.length));
    files.set('columns.u8', groups);
  }
  return writeZip(files);
}

/** @throws TuneletError 'runs/damaged' */
export function readDetails(bytes: Uint8Array): RunDetails {
  const files = unpackRun(bytes, what, limits);
  const { judged, columns, data = null, ...plain } = readJson(files.get('details.json'), what, shape);
  const steps = new Float64Array(bufferOf(files, 'steps.f64', 8 * stepFields));
  const curve = new Float64Array(bufferOf(files, 'curve.f64', 8 * curveFields));
  if (new Set(plain.labels).size !== plain.labels.length) throw damaged(what, 'it names a label twice');
  if (!judged) return { ...plain, data, steps, curve, judged: null, columns: [] };
  const { texts, split } = judged;
  const classes = plain.labels.length;
  const labels = new Int32Array(bufferOf(files, 'labels.i32', 4));
  const [base, tuned] = (['base.f32', 'tuned.f32'] as const).map((name) => new Float32Array(bufferOf(files, name, 4)));
  if (
    classes === 0 ||
    texts.length === 0 ||
    labels.length !== texts.length ||
    labels.some((label) => label < 0 || label >= classes)
  )
    throw damaged(what, 'its texts and their classes do not agree');
  if (!base || !tuned || base.length !== texts.length * classes || tuned.length !== base.length)
    throw damaged(what, 'its texts and predictions do not agree');
  const written = judged.written && answersOf(judged.written, bufferOf(files, 'answered.i32', 4), texts.length, classes);
  return {
    ...plain,
    data,
    steps,
    curve,
    judged: { split, texts, labels, base, tuned, written },
    columns: columnsOf(columns, files, texts.length),
  };
}

function answersOf(
  { base, tuned }: Pick<KeptAnswers, 'base' | 'tuned'>,
  buffer: ArrayBuffer,
  texts: number,
  classes: number,
): KeptAnswers {
  const rows = new Int32Array(buffer);
  const areRows = rows.every((row, index) => row < texts && row > (index === 0 ? -1 : rows[index - 1]!));
  const areAnswers = [base, tuned].every(
    (all) => all.length === rows.length && all.every(({ label }) => label === null || label < classes),
  );
  if (rows.length === 0 || !areRows || !areAnswers) throw damaged(what, 'its free answers and their texts do not agree');
  return { rows, base, tuned };
}

function columnsOf(
  columns: readonly Omit<KeptColumn, 'groupOf'>[],
  files: ReadonlyMap<string, Uint8Array>,
  texts: number,
): KeptColumn[] {
  const all = new Uint8Array(bufferOf(files, 'columns.u8', 1));
  if (all.length !== texts * columns.length) throw damaged(what, 'its columns and texts do not agree');
  return columns.map((column, index) => {
    const groupOf = all.slice(index * texts, (index + 1) * texts);
    if (groupOf.some((group) => group >= column.names.length)) throw damaged(what, 'a column has a value without a name');
    return { ...column, groupOf };
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A buffer of its own, so that numbers of any width may lie in it. */
function bufferOf(files: ReadonlyMap<string, Uint8Array>, name: string, unitBytes: number): ArrayBuffer {
  const file = files.get(name);
  if (!file || file.length % unitBytes !== 0) throw damaged(what, `its part ${name} is missing or cut off`);
  return file.slice().buffer;
}
