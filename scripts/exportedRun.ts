import { defaultSettings } from '../workers/api/model';
import type { TrainingSettings } from '../workers/api/settings';
import { defaultSlices } from '../workers/api/slices';
import type { ModelFormat, UsageLines } from '../workers/api/trainerApi';
import { readZip } from '../workers/files/zip';
import { Session } from '../workers/session/session';

/** Everything that a short run by prompt can be taken away as, unpacked. */
export interface ExportedRun {
  /** By the name of the zip without its ending. */
  folders: Map<string, Map<string, Uint8Array>>;
  /** In the folder that holds these, but those of a GGUF format, which are run in its own. */
  lines: { format: ModelFormat | 'adapter'; folder: string; lines: readonly UsageLines[] }[];
  /** Of the tuned model, to the text that the lines ask with. */
  answer: string;
}

const formats: readonly ModelFormat[] = ['float16', 'float32', 'gguf-f16', 'gguf-q8_0', 'gguf-adapter', 'gguf-base'];
const words = ['card', 'cash', 'transfer'];
const csv = [
  'text,label',
  ...Array.from({ length: 36 }, (_, row) => `My ${words[row % 3]} number ${row} did not arrive,${words[row % 3]}`),
].join('\n');

/** Trains the model some steps and exports it in every format. `changes`: of the settings. */
export async function exportRun(modelFiles: File[], changes: Partial<TrainingSettings>): Promise<ExportedRun> {
  const session = new Session();
  await session.connect(() => {}, 'wasm', 'http://localhost/');
  await session.loadDataset({ train: new File([csv], 'bank.csv') });
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
  const result = await session.start({ ...settings, evalSteps: settings.maxSteps }, 'fresh', { memoryLimitBytes: null });
  const folders: ExportedRun['folders'] = new Map();
  const lines: ExportedRun['lines'] = [];
  const keep = async ({ name, blob }: { name: string; blob: Blob }): Promise<string> => {
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
  const { tuned } = await session.generate({ text: 'A sentence of your own.', maxNewTokens: settings.maxNewTokens, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }); // prettier-ignore
  return { folders, lines, answer: tuned.text };
}
