import { readFileSync } from 'node:fs';
import { quantisedLlama, tinyLlama } from '../e2e/tinyLlama';
import { defaultSettings } from '../workers/api/model';
import type { TrainingSettings } from '../workers/api/settings';
import { defaultSlices } from '../workers/api/slices';
import { readZip } from '../workers/files/zip';
import { Session } from '../workers/session/session';
import { nanoFiles } from '../workers/testing/nanoFiles';

/** A kind of run that goes to a cluster, small. */
export interface KindOfRun {
  name: string;
  model: () => File[];
  settings: Partial<TrainingSettings>;
  /** Of the losses, relative to the largest: how far train.py's may be from ours. */
  tolerance: number;
  /** The same of the final loss. */
  finalTolerance: number;
  /** Of train.py; 1 where it is left out. */
  processes?: number;
  /** Also with two processes that share the model. */
  isShared?: boolean;
}

/** Its folder as a user has it, the base in its place, and what the run came to here. */
export interface ScaledRun {
  files: Map<string, Uint8Array>;
  /** training_log.json of our own run. */
  log: string;
}

const exact = { tolerance: 1e-4, finalTolerance: 1e-4 };
const words = ['card', 'cash', 'cash', 'transfer', 'card', 'card'];
/** Classes of different sizes. */
const rows = Array.from({ length: 72 }, (_, row) => {
  const label = words[row % words.length] ?? '';
  return { text: `My ${label} number ${row} is "late" – ${'very '.repeat(row % 5)}late`, label };
});

const fixtures = new URL('../workers/testing/fixtures/reference/', import.meta.url);

function madeFiles(made: readonly { name: string; buffer: Buffer }[]): File[] {
  return made.map(({ name, buffer }) => new File([Uint8Array.from(buffer)], name));
}

/** A fixture with a token for each byte and a chat format. `changes`: of its config.json. */
function tinyModel(fixture: string, changes: object = {}): File[] {
  const of = (name: string): Buffer => readFileSync(new URL(`${fixture}/${name}`, fixtures));
  const config: object = JSON.parse(of('config.json').toString());
  const longer = Buffer.from(JSON.stringify({ ...config, max_position_embeddings: 512, ...changes }));
  const own = new Map([
    ['config.json', longer],
    ['model.safetensors', of('model.safetensors')],
  ]);
  return madeFiles(tinyLlama().map(({ name, buffer }) => ({ name, buffer: own.get(name) ?? buffer })));
}

const byPrompt: Partial<TrainingSettings> = {
  task: 'prompt',
  promptTemplate: '{text}\nIt is about {label}.',
  labelWords: { cash: 'money' },
  maxLength: 96,
};
const chat: Partial<TrainingSettings> = { ...byPrompt, systemText: 'You sort letters.', useChatFormat: true, maxLength: 200 };

export const kindsOfRuns: readonly KindOfRun[] = [
  {
    name: 'GPT-2, head: DoRA, ln_f as a whole, balanced classes, gradient accumulation',
    model: () => nanoFiles,
    settings: { useDora: true, modulesToSave: ['ln_f'], classWeights: 'balanced', gradientAccumulationSteps: 3 },
    ...exact,
    isShared: true,
  },
  { name: 'GPT-2 by prompt', model: () => nanoFiles, settings: byPrompt, ...exact },
  { name: 'GPT-2, plain text', model: () => nanoFiles, settings: { task: 'text' }, ...exact },
  {
    name: 'Llama, head: rsLoRA, gradient checkpointing',
    model: () => tinyModel('llama-tiny-lm'),
    settings: { useRslora: true, gradientCheckpointing: true, lrSchedulerType: 'cosine' },
    ...exact,
  },
  { name: 'Llama by prompt in its chat format', model: () => tinyModel('llama-tiny-lm'), settings: chat, ...exact },
  {
    name: 'Llama, plain text: one block alone',
    model: () => tinyModel('llama-tiny-lm'),
    settings: { task: 'text', layersToTransform: [1] },
    ...exact,
  },
  {
    name: 'Mistral by prompt in its chat format',
    model: () => tinyModel('mistral-tiny-lm', { sliding_window: 512 }),
    settings: chat,
    ...exact,
  },
  {
    name: 'Mistral, head: a window that is shorter than the texts',
    model: () => tinyModel('mistral-tiny-lm'),
    settings: {},
    ...exact,
    processes: 3,
  },
  {
    name: 'GPT-2, head: base held as int8, which train.py does not round',
    model: () => nanoFiles,
    settings: { weightStorage: 'int8' },
    tolerance: 0.05,
    finalTolerance: 0.05,
  },
  { name: 'Llama from GGUF (Q8_0), head', model: () => madeFiles([quantisedLlama()]), settings: {}, ...exact },
];

/** Takes a run to a cluster before its first step, and makes it here. */
export async function scaleRun({ model, settings: changes }: KindOfRun): Promise<ScaledRun> {
  const session = new Session();
  await session.connect(() => {}, 'wasm', 'http://localhost/');
  await session.loadDataset({ train: new File([JSON.stringify(rows)], 'letters.json') });
  const modelFiles = model();
  const summary = await session.chooseModel({ kind: 'files', files: modelFiles });
  const settings: TrainingSettings = {
    ...defaultSettings(summary, 48).settings,
    learningRate: 1e-2,
    maxSteps: 12,
    evalSteps: 4,
    warmupSteps: 3,
    perDeviceTrainBatchSize: 8,
    loraDropout: 0,
    weightDecay: 0.1,
    maxLength: 40,
    weightStorage: 'float32',
    fp16: false,
    ...changes,
  };
  const folder = await session.exportCluster({ of: 'plan', settings, from: 'fresh' });
  const files = readZip(new Uint8Array(await folder.blob.arrayBuffer()), folder.name);
  for (const file of modelFiles) files.set(`base/${file.name}`, new Uint8Array(await file.arrayBuffer()));
  await session.start(settings, 'fresh', { memoryLimitBytes: null });
  const adapter = await session.exportAdapter(defaultSlices);
  const log = readZip(new Uint8Array(await adapter.blob.arrayBuffer()), adapter.name).get('training_log.json');
  return { files, log: new TextDecoder().decode(log) };
}
