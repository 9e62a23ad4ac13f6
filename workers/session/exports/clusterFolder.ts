import type { SplitName } from '../../api/dataset';
import { splitNames } from '../../api/splitNames';
import type { Dataset } from '../../data/dataset';
import { adapterFiles } from '../../lora/adapterFiles';
import checkpointsPy from '../../scaleout/checkpoints.py?raw';
import ddp from '../../scaleout/accelerate/ddp.yaml?raw';
import deepspeed from '../../scaleout/accelerate/deepspeed.yaml?raw';
import fsdp from '../../scaleout/accelerate/fsdp.yaml?raw';
import oneGpu from '../../scaleout/accelerate/one-gpu.yaml?raw';
import judgePy from '../../scaleout/judge.py?raw';
import modelPy from '../../scaleout/model.py?raw';
import { writeReadme } from '../../scaleout/readme';
import requirements from '../../scaleout/requirements.txt?raw';
import rowsPy from '../../scaleout/rows.py?raw';
import { splitPath, writeRunFile, type ScaledRun, type StartAdapter } from '../../scaleout/runFile';
import trainPy from '../../scaleout/train.py?raw';
import trainSlurm from '../../scaleout/train.slurm?raw';
import { TimeSlice } from '../../tokenizer/timeSlice';
import { loraOf } from './archive';
import { datasetFingerprint } from '../dataset/fingerprints';
import type { StreamedFile } from './mergedModel';
import { dataRecord } from '../run/outcome';
import type { RunInputs } from '../plan/runInputs';

/** A run with the adapter from which another machine is to go on. */
export interface ClusterRun {
  inputs: RunInputs;
  dataset: Dataset;
  start: StartAdapter;
  parameters: Float32Array;
}

export interface ClusterWriting {
  signal: AbortSignal;
  /** Hears of the bytes packed, and of about how many there are; at the end of exactly as many. */
  onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** The folder in which `accelerate launch train.py` goes on with a run, file by file; texts stream. */
export async function* clusterFiles(run: ClusterRun, writing: ClusterWriting): AsyncGenerator<StreamedFile> {
  const { inputs, dataset, parameters } = run;
  const { model, settings, planned } = inputs;
  const packing = new Packing(run, writing);
  const scaled = await scaledRun(run);
  yield { name: 'README.md', input: writeReadme(scaled) };
  yield { name: 'run.json', input: writeRunFile(scaled) };
  for (const [name, input] of Object.entries(programs)) yield { name, input };
  if (scaled.base.ggufFile !== null) yield { name: 'requirements.txt', input: `gguf==${ggufVersion}\n${requirements}` };
  else yield { name: 'requirements.txt', input: requirements };
  const adapter = adapterFiles({
    lora: loraOf(settings),
    model: model.base,
    tensors: planned.graphs.layout.unpack(parameters),
    labelCount: inputs.labels.length,
    base: { name: scaled.base.name, revision: scaled.base.revision },
  });
  for (const [name, bytes] of adapter) yield { name: `adapter/${name}`, input: new Blob([bytes]).stream(), size: bytes.length };
  packing.packed(parameters.byteLength);
  for (const split of splitNames)
    yield { name: splitPath(split), input: splitLines(dataset, split, settings.task !== 'text', packing) };
  for await (const file of baseFiles(inputs)) {
    yield file;
    packing.packed(file.size ?? 0);
  }
}

/** How far a folder is. How long rows are is known of those that are packed; the others are taken to be like them. */
class Packing {
  readonly #writing: ClusterWriting;
  readonly #fixedBytes: number;
  readonly #allRows: number;
  #doneFixedBytes = 0;
  #rows = 0;
  #rowBytes = 0;

  constructor({ inputs: { model }, dataset, parameters }: ClusterRun, writing: ClusterWriting) {
    this.#writing = writing;
    this.#fixedBytes = parameters.byteLength + (model.summary.source === 'embedded' ? model.files.sizeBytes : 0);
    this.#allRows = splitNames.reduce((sum, split) => sum + dataset.count(split), 0);
  }

  /** Of what is no row. */
  packed(bytes: number): void {
    this.#doneFixedBytes = Math.min(this.#fixedBytes, this.#doneFixedBytes + bytes);
    this.#tell();
  }

  /** Throws the signal's reason. */
  packedRows(rows: number, bytes: number): void {
    this.#writing.signal.throwIfAborted();
    this.#rows += rows;
    this.#rowBytes += bytes;
    this.#tell();
  }

  #tell(): void {
    if (this.#rows === 0) return;
    const allRowBytes = Math.round((this.#rowBytes / this.#rows) * this.#allRows);
    this.#writing.onProgress(this.#doneFixedBytes + this.#rowBytes, this.#fixedBytes + allRowBytes);
  }
}

/** What transformers takes to read a base from GGUF. */
const ggufVersion = '0.19.0';

const programs = {
  'train.py': trainPy,
  'rows.py': rowsPy,
  'judge.py': judgePy,
  'model.py': modelPy,
  'checkpoints.py': checkpointsPy,
  'train.slurm': trainSlurm,
  'accelerate/one-gpu.yaml': oneGpu,
  'accelerate/ddp.yaml': ddp,
  'accelerate/fsdp.yaml': fsdp,
  'accelerate/deepspeed.yaml': deepspeed,
};

async function scaledRun({ inputs, dataset, start }: ClusterRun): Promise<ScaledRun> {
  const { name, labels, model, settings, task } = inputs;
  const { summary, files } = model;
  const weights = task.name === 'text' ? null : task.weights(settings);
  return {
    name,
    labels,
    padTokenId: model.padTokenId,
    endOfTextId: model.tokenizer.endOfTextId,
    settings,
    classWeights: weights && [...weights],
    base: {
      name: summary.name,
      source: summary.source,
      revision: summary.revision,
      licence: summary.licence,
      folder: summary.source === 'hub' ? null : 'base',
      ggufFile: files.format === 'gguf' ? (files.weightFiles[0] ?? null) : null,
    },
    start,
    data: { ...dataRecord(dataset), preparation: dataset.preparation, fingerprint: await datasetFingerprint(dataset) },
  };
}

/** The embedded model is on no hub, so that it comes along; files of the user's are theirs to put there. */
async function* baseFiles({ model }: RunInputs): AsyncGenerator<StreamedFile> {
  const { source, name } = model.summary;
  if (source === 'embedded') {
    for (const { name: file, blob } of await model.files.rawFiles())
      yield { name: `base/${file}`, input: blob.stream(), size: blob.size };
  }
  if (source !== 'files') return;
  const wanted = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const names = model.files.format === 'gguf' ? model.files.weightFiles : [...wanted, ...model.files.weightFiles];
  yield {
    name: 'base/PUT THE MODEL HERE.txt',
    input: `Put the files of ${name} into this folder:\n\n${names.join('\n')}\n`,
  };
}

const pieceCharacters = 1 << 18;

/** A split as JSON lines, made as they are read. */
function splitLines(dataset: Dataset, split: SplitName, hasLabels: boolean, packing: Packing): ReadableStream<Uint8Array> {
  const [texts, classes, { labels }] = [dataset.texts(split), dataset.classes(split), dataset];
  const encoder = new TextEncoder();
  const slice = new TimeSlice();
  let row = 0;
  return new ReadableStream({
    async pull(controller) {
      if (slice.isOver()) await slice.giveWay();
      let piece = '';
      const from = row;
      for (; row < texts.length && piece.length < pieceCharacters; row += 1) {
        // Half a surrogate pair is U+FFFD to the tokenizer here, and nothing that Python's takes.
        const text = texts.at(row).toWellFormed();
        const label = labels[classes[row] ?? 0];
        piece += `${JSON.stringify(hasLabels ? { text, label } : { text })}\n`;
      }
      if (row > from) {
        const bytes = encoder.encode(piece);
        packing.packedRows(row - from, bytes.length);
        controller.enqueue(bytes);
      }
      if (row >= texts.length) controller.close();
    },
  });
}
