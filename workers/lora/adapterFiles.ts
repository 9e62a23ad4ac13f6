import { TuneletError } from '../api/errors';
import { savedModulesProblem } from '../api/savedModules';
import type { SlicesReport } from '../api/slices';
import { readSafetensors, writeSafetensors, type FloatTensor } from '../files/safetensorsData';
import { openZip, writeZip } from '../files/zip';
import { adapterShapes, fitTensors, type AdaptableModel } from './adapterTensors';
import { parseAdapterConfig, writeAdapterConfig, type AdapterConfig, type AdapterTask, type LoraConfig } from './config';
import { writeModelCard } from './modelCard';
import { matchedModules } from './targets';
import { readTrainingLog, writeTrainingLog, type LoggedTraining, type TrainingRecord } from './trainingLog';

/** What PEFT reads of an adapter. */
export interface AdapterToWrite {
  lora: LoraConfig;
  model: Pick<AdaptableModel, 'modules' | 'tensors' | 'width' | 'fanInFanOut'>;
  /** By PEFT's names, as `adapterShapes` lists them. */
  tensors: ReadonlyMap<string, Float32Array>;
  labelCount: number;
  base: { name: string; revision: string | null };
}

export interface AdapterExport extends Pick<AdapterToWrite, 'lora' | 'model' | 'tensors'> {
  /** The tokenizer's own files, as the model came with them. */
  tokenizerFiles: readonly { name: string; text: string }[];
  record: TrainingRecord;
  /** See `pythonLines`. */
  python: string;
  /** What the model card lists beside the whole split. */
  slices: SlicesReport | null;
}

export interface ImportedAdapter {
  /** Of the archive or folder. */
  name: string;
  config: AdapterConfig;
  /** float32, by PEFT's names. */
  tensors: ReadonlyMap<string, Float32Array>;
  labels: string[];
  /** True when nothing named them and LABEL_0… stand in. */
  labelsAreGuessed: boolean;
  log: LoggedTraining | null;
}

const maximumArchiveBytes = 1 << 30;
/** Of a settings file or log; a log has some hundred bytes for each step. */
const maximumTextBytes = 32 << 20;

/** A file of the adapter, unread yet. */
interface Content {
  sizeBytes: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

type Contents = ReadonlyMap<string, Content>;

/** A zip that, unpacked, is a folder for `PeftModel.from_pretrained`. */
export function buildAdapterArchive(adapter: AdapterExport): Uint8Array<ArrayBuffer> {
  const { record } = adapter;
  const encoder = new TextEncoder();
  const { base, labels } = record;
  return writeZip(
    new Map([
      ...adapterFiles({ ...adapter, labelCount: labels.length, base }),
      ['README.md', encoder.encode(writeModelCard(record, adapter.python, adapter.slices))],
      ...adapter.tokenizerFiles.map(({ name, text }): [string, Uint8Array] => [name, encoder.encode(text)]),
      ['training_log.json', encoder.encode(writeTrainingLog(record))],
    ]),
  );
}

/** adapter_config.json and adapter_model.safetensors. */
export function adapterFiles(adapter: AdapterToWrite): Map<string, Uint8Array<ArrayBuffer>> {
  const { lora, model, base } = adapter;
  const config = writeAdapterConfig(lora, { name: base.name, revision: base.revision, fanInFanOut: model.fanInFanOut });
  return new Map([
    ['adapter_config.json', new TextEncoder().encode(config)],
    ['adapter_model.safetensors', writeSafetensors(namedTensors(adapter))],
  ]);
}

function namedTensors({ lora, model, labelCount, tensors }: AdapterToWrite): Map<string, FloatTensor> {
  const shapes = adapterShapes(lora, model, labelCount);
  if (shapes.size !== tensors.size) throw new Error(`An adapter of ${tensors.size} tensors; ${shapes.size} are expected.`);
  const named = new Map<string, FloatTensor>();
  for (const [name, shape] of shapes) {
    const values = tensors.get(name);
    if (!values) throw new Error(`The adapter's tensor ${name} is missing.`);
    named.set(name, { shape, values });
  }
  return named;
}

/**
 * Reads an adapter from its zip, or from the files of its folder; also one that PEFT wrote.
 * @param tasks those that the caller can use
 * @throws TuneletError 'adapter/bad-archive', 'adapter/missing-file', 'adapter/unsupported' or 'adapter/does-not-fit'
 */
export async function readAdapter(
  files: readonly File[],
  model: AdaptableModel,
  tasks: readonly AdapterTask[] = ['SEQ_CLS'],
): Promise<ImportedAdapter> {
  const { name, contents } = await unpacked(files);
  const configFile = find(contents, 'adapter_config.json');
  const weightsFile = find(contents, 'adapter_model.safetensors');
  if (!configFile || !weightsFile) throw missing(contents, configFile ? 'adapter_model.safetensors' : 'adapter_config.json');
  const config = parseAdapterConfig(await textOf(configFile, 'adapter_config.json'), model.defaultTargets, tasks);
  requireSavable(config, model);
  const { tensors, labelCount } = fitTensors(readWeights(await weightsFile.read()), config, model);
  const logFile = find(contents, 'training_log.json');
  const log = logFile ? readTrainingLog(await textOf(logFile, 'training_log.json')) : null;
  const labels = log?.labels ?? null;
  if (labels !== null && labelCount > 0 && labels.length !== labelCount) {
    throw new TuneletError(
      'adapter/does-not-fit',
      `This adapter does not fit together. training_log.json names ${labels.length} labels; its classification head has ${labelCount}.`,
      'Choose the files of one and the same adapter.',
      { labels: labels.length, head: labelCount },
    );
  }
  return {
    name,
    config,
    tensors,
    labels: labels ?? Array.from({ length: labelCount }, (_, index) => `LABEL_${index}`),
    labelsAreGuessed: labels === null,
    log,
  };
}

function requireSavable({ targetModules, layers, modulesToSave = [] }: AdapterConfig, model: AdaptableModel): void {
  const problem = savedModulesProblem(modulesToSave, matchedModules(targetModules, model.modules, layers), model);
  if (!problem) return;
  throw new TuneletError(
    'adapter/unsupported',
    `This adapter cannot be used here: ${problem.fault}.`,
    'Choose an adapter without such modules, or train one here.',
    { setting: 'modules_to_save', value: modulesToSave.join(', ').slice(0, 60) },
  );
}

/** What there is; only what is used is read or inflated. */
async function unpacked(files: readonly File[]): Promise<{ name: string; contents: Contents }> {
  const sizeBytes = files.reduce((sum, file) => sum + file.size, 0);
  if (sizeBytes > maximumArchiveBytes) {
    throw badArchive(
      `it has ${sizeBytes} bytes; at most ${maximumArchiveBytes} are read`,
      'Choose an adapter, not a whole model.',
    );
  }
  const [first] = files;
  if (files.length === 1 && first && /\.zip$/i.test(first.name)) {
    const packed = openZip(await bytesOf(first), first.name);
    const contents = new Map(
      [...packed].map(([path, { sizeBytes: size, unpack }]) => [path, { sizeBytes: size, read: async () => unpack() }]),
    );
    return { name: first.name.replace(/\.zip$/i, ''), contents };
  }
  const contents = new Map(
    files.map((file) => [file.webkitRelativePath || file.name, { sizeBytes: file.size, read: async () => bytesOf(file) }]),
  );
  const folder = [...contents.keys()].map((path) => path.split('/')).find((path) => path.length > 1)?.[0];
  return { name: folder ?? 'adapter', contents };
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw badArchive(`${file.name} could not be read from the disk`, 'It may have been moved or changed. Choose it again.');
  }
}

/** The file of this name that lies highest; of two adapters in one archive neither is guessed. */
function find(contents: Contents, fileName: string): Content | undefined {
  const depth = (path: string) => path.split('/').length;
  const paths = [...contents.keys()].filter((path) => path.split('/').at(-1) === fileName).sort((a, b) => depth(a) - depth(b));
  const [first, second] = paths;
  if (first !== undefined && second !== undefined && depth(first) === depth(second)) {
    throw badArchive(`it holds two adapters, ${first} and ${second}`, 'Choose the files of one adapter.');
  }
  return first === undefined ? undefined : contents.get(first);
}

/** The safetensors reader speaks of models; here it is the adapter that is damaged. */
function readWeights(bytes: Uint8Array): Map<string, FloatTensor> {
  try {
    return readSafetensors(bytes, 'adapter_model.safetensors').tensors;
  } catch (error) {
    if (!(error instanceof TuneletError)) throw error;
    const code = error.code === 'model/unsupported' ? 'adapter/unsupported' : 'adapter/bad-archive';
    throw new TuneletError(code, error.message, 'Choose the adapter as it was downloaded or saved.', error.details);
  }
}

async function textOf(content: Content, fileName: string): Promise<string> {
  if (content.sizeBytes > maximumTextBytes) {
    throw badArchive(
      `${fileName} has ${content.sizeBytes} bytes; at most ${maximumTextBytes} are read`,
      'Choose the adapter as it was downloaded or saved.',
    );
  }
  const bytes = await content.read();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badArchive(`${fileName} is not UTF-8 text`, 'Choose the adapter as it was downloaded or saved.');
  }
}

function missing(contents: Contents, fileName: string): TuneletError {
  const paths = [...contents.keys()];
  const pickle = paths.find((path) => /\.(bin|pt|pth|pkl|ckpt)$/i.test(path));
  const hasTensors = paths.some((path) => path.endsWith('.safetensors'));
  const found = paths.length === 0 ? 'nothing' : paths.slice(0, 8).join(', ');
  return new TuneletError(
    'adapter/missing-file',
    `The adapter has no ${fileName}. Found: ${found}.`,
    pickle !== undefined && !hasTensors
      ? `${pickle.slice(-80)} is a pickle, which can run code as it is read, so it cannot be read safely here. Load it with PEFT and save it again: save_pretrained writes safetensors.`
      : 'Choose the zip as it was downloaded, or adapter_config.json and adapter_model.safetensors together.',
    { missing: fileName, found },
  );
}

function badArchive(fault: string, remedy: string): TuneletError {
  return new TuneletError('adapter/bad-archive', `The adapter cannot be read: ${fault}.`, remedy);
}
