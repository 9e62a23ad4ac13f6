import { defaultSettings } from '../../workers/api/model';
import type { RunResult } from '../../workers/api/results';
import type { TrainingSettings } from '../../workers/api/settings';
import { defaultSlices } from '../../workers/api/slices';
import type { Archive, ModelFormat, UsageLines } from '../../workers/api/trainerApi';
import { readZip } from '../../workers/files/zip';
import { Session } from '../../workers/session/session';

/** Everything that a short run can be taken away as, unpacked. */
export interface Exported {
  /** By the name of the zip without its ending. */
  folders: Map<string, Map<string, Uint8Array>>;
  /** In the folder that holds these, but those of a GGUF format, which are run in its own. */
  lines: { format: ModelFormat | 'adapter'; folder: string; lines: readonly UsageLines[] }[];
  result: RunResult;
}

/** A run by prompt, in every format. */
export interface ExportedRun extends Exported {
  /** Of the tuned model, to the text that the lines ask with. */
  answer: string;
}

/** A run with a head, whose labels, columns and data have names that mean something to YAML, Markdown and HTML. */
export interface ExportedClassifier extends Exported {
  /** That the result is about, in the order of `logits`. */
  texts: readonly string[];
  /** Of the tuned model, `(texts, labels)`. */
  logits: readonly (readonly number[])[];
  /** Of the tuned model on the text that the lines ask with. */
  answer: { label: string; probability: number };
  maxLength: number;
  /** All that stands in a card and was not written here. */
  names: readonly string[];
}

const causalFormats: readonly ModelFormat[] = ['float16', 'float32', 'gguf-f16', 'gguf-q8_0', 'gguf-adapter', 'gguf-base'];
const words = ['card', 'cash', 'transfer'];
const csv = [
  'text,label',
  ...Array.from({ length: 36 }, (_, row) => `My ${words[row % 3]} number ${row} did not arrive,${words[row % 3]}`),
].join('\n');
const asked = 'A sentence of your own.';

/** Trains the model some steps by prompt and exports it in every format. `changes`: of the settings. */
export async function exportRun(modelFiles: File[], changes: Partial<TrainingSettings>): Promise<ExportedRun> {
  const session = await opened(new File([csv], 'bank.csv'));
  const summary = await session.chooseModel({ kind: 'files', files: modelFiles });
  const settings: TrainingSettings = {
    ...defaultSettings(summary, 24).settings,
    task: 'prompt',
    promptTemplate: '{text}. It is about the {label}',
    perDeviceTrainBatchSize: 6,
    warmupSteps: 0,
    loraDropout: 0,
    maxLength: 64,
    maxNewTokens: 6,
    weightStorage: 'float32',
    ...changes,
  };
  const exported = await taken(session, settings, causalFormats);
  const { tuned } = await session.generate({ text: asked, maxNewTokens: settings.maxNewTokens, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }); // prettier-ignore
  return { ...exported, answer: tuned.text };
}

const hostile = {
  data: 'bank: "May" <b>#1</b>.csv',
  text: '# x: y',
  label: 'is "it": <i>z</i>',
  branch: '- {branch}: [a | b]',
  labels: ['a "b": <i>c</i>', '# card | cash: `no`', "it's\\n --- yes"],
  branches: ['<script>alert(1)</script>', '*: &north'],
} as const;

/** Trains the model some steps with a head, on data with hostile names, and exports it in every format that has one. */
export async function exportClassifier(modelFiles: File[], changes: Partial<TrainingSettings>): Promise<ExportedClassifier> {
  const cells = (...values: string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  const textOf = (row: number) => `My ${words[row % 3]} number ${row} did not arrive`;
  const table = (rows: number[]) =>
    [
      cells(hostile.text, hostile.label, hostile.branch),
      ...rows.map((row) => cells(textOf(row), hostile.labels[row % 3] ?? '', hostile.branches[row % 2] ?? '')),
    ].join('\n');
  const tested = Array.from({ length: 24 }, (_, row) => 100 + row);
  const train = new File([table(Array.from({ length: 48 }, (_, row) => row))], hostile.data);
  const session = await opened(train, new File([table(tested)], 'test.csv'));
  await session.mapColumns({ text: hostile.text, label: hostile.label });
  const summary = await session.chooseModel({ kind: 'files', files: modelFiles });
  const settings: TrainingSettings = {
    ...defaultSettings(summary, 48).settings,
    perDeviceTrainBatchSize: 8,
    warmupSteps: 0,
    loraDropout: 0,
    maxLength: 64,
    weightStorage: 'float32',
    ...changes,
  };
  const exported = await taken(session, settings, ['float16', 'float32']);
  const { tuned: logits } = await session.logitsOfResult();
  const { tuned } = await session.predict(asked);
  const { labels, branches, text, label, branch, data } = hostile;
  return {
    ...exported,
    texts: tested.map(textOf),
    logits,
    answer: tuned.reduce((best, each) => (each.probability > best.probability ? each : best)),
    maxLength: settings.maxLength,
    names: [...labels, ...branches, text, label, branch, data.replace(/\.csv$/, '')],
  };
}

async function opened(train: File, test?: File): Promise<Session> {
  const session = new Session();
  await session.connect(() => {}, 'wasm', 'http://localhost/');
  await session.loadDataset(test ? { train, test } : { train });
  return session;
}

/** Trains, and takes the adapter and these formats away. */
async function taken(session: Session, settings: TrainingSettings, formats: readonly ModelFormat[]): Promise<Exported> {
  const result = await session.start({ ...settings, evalSteps: settings.maxSteps }, 'fresh', { memoryLimitBytes: null });
  const folders: Exported['folders'] = new Map();
  const lines: Exported['lines'] = [];
  const keep = async ({ name, blob }: Archive): Promise<string> => {
    const folder = name.replace(/\.zip$/, '');
    folders.set(folder, readZip(new Uint8Array(await blob.arrayBuffer()), name));
    return folder;
  };
  const adapter = await keep(await session.exportAdapter(defaultSlices));
  lines.push({ format: 'adapter', folder: adapter, lines: [{ tool: 'PEFT', text: result.python }] });
  const downloads = await session.modelDownloads();
  for (const format of formats) {
    const archive = await session.exportMerged({ type: format, file: null }, defaultSlices);
    if (!archive) throw new Error(`Nothing came of ${format}.`);
    // Both kinds of safetensors have one name: a user takes one of them.
    const name = format === 'float32' ? archive.name.replace(/\.zip$/, '-float32.zip') : archive.name;
    const folder = await keep({ ...archive, name });
    const own = downloads.find(({ type }) => type === format)?.lines ?? [];
    if (format !== 'float32') lines.push({ format, folder, lines: own });
  }
  return { folders, lines, result };
}
