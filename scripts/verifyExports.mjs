// `npm run verify:exports`: trains two small runs by prompt, takes them away in every format, and has the programs that those
// formats are for answer as the page does.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { root } from './servePage.mjs';

const usage = `npm run verify:exports -- [options]

Merged models in transformers, GGUF files in llama.cpp, and every line beside a download.

  --smollm2 FILE   a GGUF file of SmolLM2-135M-Instruct, beside the embedded model (or the variable TUNELET_SMOLLM2)
  --python FILE    a Python with torch, transformers and peft (or TUNELET_PYTHON); without it an environment of its own is
                   made in node_modules/.cache, which takes some minutes once
  --llama FILE     a Python with llama-cpp-python (or TUNELET_LLAMA_PYTHON); without it the other one
  --out DIR        keep the files here`;

// Of the largest logit; llama.cpp's and transformers' sums are taken in another order than ours.
const logitTolerance = 1e-4;
const newTokens = 16;

const { values } = parseArgs({
  options: {
    smollm2: { type: 'string', default: process.env['TUNELET_SMOLLM2'] ?? '' },
    python: { type: 'string', default: process.env['TUNELET_PYTHON'] ?? '' },
    llama: { type: 'string', default: process.env['TUNELET_LLAMA_PYTHON'] ?? '' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** @type {string[]} */
const failures = [];

/** @param {boolean} holds @param {string} words */
function expect(holds, words) {
  console.log(`${holds ? 'ok  ' : 'FAIL'}  ${words}`);
  if (!holds) failures.push(words);
}

/** @param {string} program @param {string[]} words @param {string} [cwd] */
function run(program, words, cwd = root) {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${basename(program)} ${words.slice(0, 3).join(' ')} ended with ${status}:\n${stderr.slice(-1500)}`);
  return stdout;
}

/** The Pythons to use; one with everything is made where none is named. */
function pythons() {
  const own = join(root, 'node_modules/.cache/verify-exports/bin/python');
  if (values.python === '' && !existsSync(own)) {
    console.log('Making a Python environment; llama-cpp-python is built from its source.');
    run('python3', ['-m', 'venv', join(own, '../..')]);
    const packages = [
      'torch==2.13.0',
      'transformers',
      'peft',
      'gguf',
      'numpy',
      ...(values.llama === '' ? ['llama-cpp-python'] : []),
    ];
    run(own, ['-m', 'pip', 'install', '--quiet', ...packages]);
  }
  const python = values.python || own;
  return { python, llama: values.llama || python };
}

/** @param {string} path @param {string} name @param {string} [folder] */
function fileOf(path, name, folder) {
  const file = new File([readFileSync(path)], name);
  if (folder !== undefined) Object.defineProperty(file, 'webkitRelativePath', { value: `${folder}/${name}` });
  return file;
}

/** @param {string} folder @returns {File[]} */
function filesIn(folder) {
  return readdirSync(folder)
    .filter((name) => /\.(json|safetensors|gguf)$/.test(name))
    .map((name) => fileOf(join(folder, name), name));
}

/**
 * @typedef {import('./exportedRun').ExportedRun} ExportedRun
 * @typedef {{ name: string, files: File[], settings: Record<string, unknown>, baseFiles: string[] }} Example
 * @typedef {{ python: string, llama: string }} Pythons
 * @typedef {typeof import('./exportedRun') & typeof import('./greedyModel')} Ours
 */

const script = join(root, 'scripts/verify_exports.py');

/** @param {Float32Array} first @param {Float32Array} second */
function relativeDifference(first, second) {
  let [most, largest] = [first.length === second.length ? 0 : Infinity, 0];
  second.forEach((value, index) => {
    most = Math.max(most, Math.abs(value - (first[index] ?? NaN)));
    largest = Math.max(largest, Math.abs(value));
  });
  return most / largest;
}

/** @param {Example} example @param {string} out @param {Pythons & Ours} programs */
async function verify({ name, files, settings, baseFiles }, out, { python, llama, exportRun, GreedyModel }) {
  const exported = await exportRun(files, settings);
  expect(exported.answer.trim() !== '', `${name} answers ${JSON.stringify(exported.answer)}`);
  for (const [folder, held] of exported.folders) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const [file, bytes] of held) writeFileSync(join(out, folder, file), bytes);
  }
  const folderOf = (/** @type {string} */ end) => [...exported.folders.keys()].find((folder) => folder.endsWith(end)) ?? '';
  const ggufIn = (/** @type {string} */ folder) =>
    join(out, folder, readdirSync(join(out, folder)).find((file) => file.endsWith('.gguf')) ?? '');
  const merged = ggufIn(folderOf('-f16'));
  const text = 'My card number 7 did not arrive. It is about the';
  /** @type {number[]} */
  const prompt = JSON.parse(run(llama, [script, 'tokens', merged, text]));

  for (const folder of [folderOf('-merged'), folderOf('-merged-float32')]) {
    const own = await GreedyModel.open(filesIn(join(out, folder)), null, prompt.length);
    const wanted = await own.logits(prompt);
    own.dispose();
    const raw = join(out, 'logits.f32');
    const { class: loadedBy } = JSON.parse(run(python, [script, 'transformers', join(out, folder), raw, ...prompt.map(String)]));
    const off = relativeDifference(new Float32Array(new Uint8Array(readFileSync(raw)).buffer), wanted);
    expect(off <= logitTolerance, `${name}, ${folder} in transformers (${loadedBy}): logits ${off.toExponential(1)} off`);
  }

  /** @param {string} words @param {string} file @param {string | null} lora @param {File[]} model @param {boolean} isAsked */
  const compare = async (words, file, lora, model, isAsked) => {
    const adapterFolder = join(out, folderOf('-adapter'));
    const adapter =
      lora === null
        ? null
        : {
            config: readFileSync(join(adapterFolder, 'adapter_config.json'), 'utf8'),
            weights: new Uint8Array(readFileSync(join(adapterFolder, 'adapter_model.safetensors'))),
          };
    const own = await GreedyModel.open(model, adapter, prompt.length + newTokens);
    const { ids, margins } = await own.greedy(prompt, newTokens);
    own.dispose();
    /** @type {number[]} */
    const theirs = JSON.parse(
      run(llama, [
        script,
        'llama.cpp',
        file,
        ...(lora === null ? [] : ['--lora', lora]),
        '--new',
        String(newTokens),
        ...prompt.map(String),
      ]),
    );
    const alike = ids.findIndex((id, at) => id !== theirs[at]);
    const told = `${name}, ${words} in llama.cpp: ${alike < 0 ? `all ${newTokens}` : `the first ${alike} of ${newTokens}`} greedy tokens alike (closest call ${Math.min(...margins).toFixed(3)}${alike < 0 ? '' : `, at the first other ${margins[alike]?.toFixed(4)}`})`;
    if (isAsked) expect(alike < 0, told);
    else console.log(`      ${told}`);
  };
  await compare('merged F16', merged, null, [fileOf(merged, 'merged.gguf')], true);
  const base = ggufIn(folderOf('-gguf'));
  const adapter = ggufIn(folderOf('-adapter-gguf'));
  const baseOnly = ggufIn(
    [...exported.folders.keys()].find((folder) => folder.endsWith('-gguf') && !folder.endsWith('-adapter-gguf')) ?? '',
  );
  await compare('base F16 with the adapter', baseOnly || base, adapter, [fileOf(baseOnly, 'base.gguf')], true);
  // llama.cpp rounds activations where weights are quantised.
  await compare('merged Q8_0', ggufIn(folderOf('-q8_0')), null, [fileOf(ggufIn(folderOf('-q8_0')), 'merged.gguf')], false);
  runLines(name, exported, { out, baseOnly, adapter, baseFiles, python, llama });
}

/** @param {string} name @param {ExportedRun} exported @param {Pythons & { out: string, baseOnly: string, adapter: string, baseFiles: string[] }} places */
function runLines(name, { lines: all, answer }, { out, baseOnly, baseFiles, python, llama }) {
  for (const { format, folder, lines } of all) {
    // The base lies where the lines look for it.
    const cwd = format.startsWith('gguf') ? join(out, folder) : out;
    if (format === 'gguf-adapter') {
      const [, file = basename(baseOnly)] = /^FROM \.\/(.+)$/m.exec(readFileSync(join(cwd, 'Modelfile'), 'utf8')) ?? [];
      writeFileSync(join(cwd, file), readFileSync(baseOnly));
    }
    for (const { tool, text } of lines) {
      // llama.cpp rounds activations where weights are quantised: another answer is no fault there.
      const isAlike = (/** @type {string} */ got) =>
        format === 'gguf-q8_0' ? got.trim() !== '' : got.trim().endsWith(answer.trim());
      const says = (/** @type {string} */ got) =>
        expect(isAlike(got), `${name}, lines of ${format} for ${tool}: ${JSON.stringify(got.trim().slice(-60))}`);
      const skip = (/** @type {string} */ why) => console.log(`      ${name}, lines of ${format} for ${tool}: not run, ${why}`);
      if (tool === 'PEFT') {
        const [, baseName = ''] = /^base_name = "([^"]+)"/m.exec(text) ?? [];
        mkdirSync(join(out, baseName), { recursive: true });
        for (const file of baseFiles) writeFileSync(join(out, baseName, basename(file)), readFileSync(file));
        const needsGguf = baseFiles.some((file) => file.endsWith('.gguf'));
        if (needsGguf && spawnSync(python, ['-c', 'import gguf']).status !== 0) skip('its Python has no package gguf');
        else says(run(python, ['-c', text], out));
      } else if (tool === 'transformers') says(run(python, ['-c', text], out));
      else if (tool === 'llama-cpp-python') says(run(llama, ['-c', text], cwd));
      else if (spawnSync('sh', ['-c', `command -v ${text.split(' ')[0]}`]).status !== 0)
        skip(`there is no ${text.split(' ')[0]} here`);
      else says(run('sh', ['-c', `${text} 2>/dev/null </dev/null`], cwd));
    }
  }
}

/** @returns {Example[]} */
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

async function verifyAll() {
  const programs = pythons();
  // Not runnerImport: what a session imports when it is first needed is asked of it later.
  const server = await createServer({ root, configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, watch: null } }); // prettier-ignore
  const [exportedRun, greedyModel] = await Promise.all(
    ['exportedRun', 'greedyModel'].map((name) => server.ssrLoadModule(`/scripts/${name}.ts`)),
  );
  const ours = /** @type {Ours} */ ({ ...exportedRun, ...greedyModel });
  const out = values.out ?? mkdtempSync(join(tmpdir(), 'tunelet-exports-'));
  try {
    for (const example of examples()) await verify(example, join(out, example.name), { ...programs, ...ours });
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
