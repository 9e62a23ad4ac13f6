// `npm run verify:exports`: trains small runs, takes them away in every format, and has the programs that those formats are for answer
// as the page does. `exports/` has the checks.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { verifyCausal } from './exports/causal.mjs';
import { failures, fileOf, run } from './exports/checks.mjs';
import { verifyClassifier } from './exports/classifier.mjs';
import { root } from './servePage.mjs';
/** @import { Example } from './exports/classifier.mjs' */
/** @typedef {import('./exports/causal.mjs').Ours & import('./exports/classifier.mjs').Ours & typeof import('./exports/tinyModels')} Ours */

const usage = `npm run verify:exports -- [options]

Merged models in transformers, GGUF files in llama.cpp, every line beside a download, and the model cards.

  --smollm2 FILE   a GGUF file of SmolLM2-135M-Instruct, beside the embedded model (or the variable TUNELET_SMOLLM2)
  --python FILE    a Python with what exports/requirements.txt names (or TUNELET_PYTHON); without it an environment of its own is
                   made in node_modules/.cache, which takes some minutes once
  --llama FILE     a Python with llama-cpp-python (or TUNELET_LLAMA_PYTHON); without it the other one
  --out DIR        keep the files here`;

const { values } = parseArgs({
  options: {
    smollm2: { type: 'string', default: process.env['TUNELET_SMOLLM2'] ?? '' },
    python: { type: 'string', default: process.env['TUNELET_PYTHON'] ?? '' },
    llama: { type: 'string', default: process.env['TUNELET_LLAMA_PYTHON'] ?? '' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The Pythons to use; one with everything is made where none is named. */
function pythons() {
  if (values.python !== '') return { python: values.python, llama: values.llama || values.python };
  const folder = join(root, 'node_modules/.cache/verify-exports');
  const python = join(folder, 'bin/python');
  if (!existsSync(python)) {
    console.log('Making a Python environment; llama-cpp-python is built from its source, which takes some minutes.');
    run('python3', ['-m', 'venv', folder]);
  }
  // With nothing to install this takes a moment; an environment that was cut off in the making is made whole.
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', join(root, 'scripts/exports/requirements.txt')]);
  return { python, llama: values.llama || python };
}

/** @returns {[Example, ...Example[]]} */
function examples() {
  const nano = join(root, 'public/models/nano-gpt2');
  const nanoFiles = readdirSync(nano).filter((file) => /\.(json|safetensors)$/.test(file));
  const first = {
    name: 'nano-gpt2',
    files: nanoFiles.map((file) => fileOf(join(nano, file), file, 'nano-gpt2')),
    settings: { maxSteps: 24, learningRate: 1e-2 },
    baseFiles: nanoFiles.map((file) => join(nano, file)),
  };
  if (values.smollm2 === '') return [first];
  const file = basename(values.smollm2);
  const settings = {
    maxSteps: 4,
    learningRate: 2e-3,
    perDeviceTrainBatchSize: 2,
    targetModules: ['q_proj', 'k_proj', 'v_proj', 'down_proj'],
  };
  return [first, { name: 'SmolLM2', files: [fileOf(values.smollm2, file)], settings, baseFiles: [values.smollm2] }];
}

/** The same model with a head. @param {Example} example @returns {Example} */
function classifierOf(example) {
  return { ...example, name: `${example.name} with a head`, settings: { maxSteps: 36, learningRate: 2e-3 } };
}

/** Of each other family a model that knows nothing: its numbers alone are compared. @param {Ours} ours @returns {Example[]} */
function tinyExamples({ tinyModels }) {
  const targetModules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
  const settings = { maxSteps: 6, learningRate: 1e-2, maxLength: 96, maxNewTokens: 1, targetModules };
  return tinyModels().map((model) => ({ ...model, settings }));
}

async function verifyAll() {
  const programs = pythons();
  // Not runnerImport: what a session imports when it is first needed is asked of it later.
  const server = await createServer({ root, configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, watch: null } }); // prettier-ignore
  const modules = await Promise.all(
    ['exportedRun', 'greedyModel', 'classifierModel', 'tinyModels'].map((name) =>
      server.ssrLoadModule(`/scripts/exports/${name}.ts`),
    ),
  );
  const ours = /** @type {Ours} */ (Object.assign({}, ...modules));
  const out = values.out === undefined ? mkdtempSync(join(tmpdir(), 'tunelet-exports-')) : resolve(values.out);
  try {
    const [first, ...more] = examples();
    await verifyClassifier(classifierOf(first), join(out, 'classifier'), { ...programs, ...ours });
    for (const example of [first, ...tinyExamples(ours), ...more])
      await verifyCausal(example, join(out, example.name), { ...programs, ...ours });
  } finally {
    await server.close();
    if (values.out === undefined) rmSync(out, { recursive: true });
  }
  if (failures.length > 0) throw new Error(`${failures.length} of the checks failed.`);
}

if (values.help) console.log(usage);
else {
  await verifyAll().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
