import type { SplitName } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import type { Dataset } from '../data/dataset';
import { adapterFiles } from '../lora/adapterFiles';
import checkpointsPy from '../scaleout/checkpoints.py?raw';
import judgePy from '../scaleout/judge.py?raw';
import { writeReadme } from '../scaleout/readme';
import requirements from '../scaleout/requirements.txt?raw';
import rowsPy from '../scaleout/rows.py?raw';
import { splitPath, writeRunFile, type ScaledRun, type StartAdapter } from '../scaleout/runFile';
import trainPy from '../scaleout/train.py?raw';
import trainSlurm from '../scaleout/train.slurm?raw';
import { loraOf } from './archive';
import { datasetFingerprint } from './fingerprints';
import type { StreamedFile } from './mergedModel';
import { dataRecord } from './outcome';
import type { RunInputs } from './runInputs';

/** A run with the adapter from which another machine is to go on. */
export interface ClusterRun {
  inputs: RunInputs;
  dataset: Dataset;
  start: StartAdapter;
  parameters: Float32Array;
}

/** The folder in which `accelerate launch train.py` goes on with a run, file by file; texts stream. */
export async function* clusterFiles(run: ClusterRun): AsyncGenerator<StreamedFile> {
  const { inputs, dataset, parameters } = run;
  const { model, settings, planned } = inputs;
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
  for (const split of splitNames) yield { name: splitPath(split), input: splitLines(dataset, split, settings.task !== 'text') };
  yield* baseFiles(inputs);
}

/** What transformers takes to read a base from GGUF. */
const ggufVersion = '0.19.0';

const programs = {
  'train.py': trainPy,
  'rows.py': rowsPy,
  'judge.py': judgePy,
  'checkpoints.py': checkpointsPy,
  'train.slurm': trainSlurm,
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
function splitLines(dataset: Dataset, split: SplitName, hasLabels: boolean): ReadableStream<Uint8Array> {
  const [texts, classes, { labels }] = [dataset.texts(split), dataset.classes(split), dataset];
  const encoder = new TextEncoder();
  let row = 0;
  return new ReadableStream({
    pull(controller) {
      let piece = '';
      for (; row < texts.length && piece.length < pieceCharacters; row += 1) {
        // Half a surrogate pair is U+FFFD to the tokenizer here, and nothing that Python's takes.
        const text = texts.at(row).toWellFormed();
        const label = labels[classes[row] ?? 0];
        piece += `${JSON.stringify(hasLabels ? { text, label } : { text })}\n`;
      }
      if (piece !== '') controller.enqueue(encoder.encode(piece));
      if (row >= texts.length) controller.close();
    },
  });
}
