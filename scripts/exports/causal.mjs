// A run by prompt: merged models in transformers, GGUF files in llama.cpp, the lines beside every download, and its cards.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, fileOf, floatsOf, logitTolerance, others, placeBase, relativeDifference, run, verifyCards, writeFolders } from './checks.mjs'; // prettier-ignore

/**
 * @typedef {import('./exportedRun').ExportedRun} ExportedRun
 * @typedef {import('./checks.mjs').Pythons} Pythons
 * @typedef {import('./classifier.mjs').Example} Example
 * @typedef {typeof import('./exportedRun') & typeof import('./greedyModel')} Ours
 */

const newTokens = 16;

/** @param {string} folder @returns {File[]} */
function filesIn(folder) {
  return readdirSync(folder)
    .filter((name) => /\.(json|safetensors|gguf)$/.test(name))
    .map((name) => fileOf(join(folder, name), name));
}

/** @param {Example} example @param {string} out @param {Pythons & Ours} programs */
export async function verifyCausal({ name, files, settings, baseFiles }, out, { python, llama, exportRun, GreedyModel }) {
  const exported = await exportRun(files, settings);
  if (baseFiles) expect(exported.answer.trim() !== '', `${name} answers ${JSON.stringify(exported.answer)}`);
  writeFolders(exported, out);
  const folderOf = (/** @type {string} */ end) => [...exported.folders.keys()].find((folder) => folder.endsWith(end)) ?? '';
  const ggufIn = (/** @type {string} */ folder) =>
    join(out, folder, readdirSync(join(out, folder)).find((file) => file.endsWith('.gguf')) ?? '');
  const merged = ggufIn(folderOf('-f16'));
  const text = 'My card number 7 did not arrive. It is about the';
  /** @type {number[]} */
  const prompt = JSON.parse(run(llama, [others, 'tokens', merged, text]));

  for (const folder of [folderOf('-merged'), folderOf('-merged-float32')]) {
    const own = await GreedyModel.open(filesIn(join(out, folder)), null, prompt.length);
    const wanted = await own.logits(prompt);
    own.dispose();
    const raw = join(out, 'logits.f32');
    const { class: loadedBy } = JSON.parse(run(python, [others, 'causal', join(out, folder), raw, ...prompt.map(String)]));
    const off = relativeDifference(floatsOf(raw), wanted);
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
        others,
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
  const adapter = ggufIn(folderOf('-adapter-gguf'));
  const base = ggufIn([...exported.folders.keys()].find((folder) => /(?<!-adapter)-gguf$/.test(folder)) ?? '');
  await compare('base F16 with the adapter', base, adapter, [fileOf(base, 'base.gguf')], true);
  // llama.cpp rounds activations where weights are quantised.
  await compare('merged Q8_0', ggufIn(folderOf('-q8_0')), null, [fileOf(ggufIn(folderOf('-q8_0')), 'merged.gguf')], false);
  if (!baseFiles) return;
  runLines(name, exported, { out, base, baseFiles, python, llama });
  verifyCards(name, exported, { out, python, names: [] });
}

/**
 * Every line as it stands beside its download.
 * @param {string} name
 * @param {ExportedRun} exported
 * @param {Pythons & { out: string, base: string, baseFiles: string[] }} places base: as GGUF
 */
function runLines(name, { lines: all, answer }, { out, base, baseFiles, python, llama }) {
  for (const { format, folder, lines } of all) {
    // The base lies where the lines look for it.
    const cwd = format.startsWith('gguf') ? join(out, folder) : out;
    if (format === 'gguf-adapter') {
      const [, file = basename(base)] = /^FROM \.\/(.+)$/m.exec(readFileSync(join(cwd, 'Modelfile'), 'utf8')) ?? [];
      writeFileSync(join(cwd, file), readFileSync(base));
    }
    for (const { tool, text } of lines) {
      // llama.cpp rounds activations where weights are quantised: another answer is no fault there.
      const isAlike = (/** @type {string} */ got) => (format === 'gguf-q8_0' ? got !== '' : got === answer.trim());
      const says = (/** @type {string} */ told) => {
        const got = told.replace(/\[end of text\]\s*$/, '').trim();
        expect(isAlike(got), `${name}, lines of ${format} for ${tool}: ${JSON.stringify(got)}`);
      };
      const skip = (/** @type {string} */ why) => console.log(`      ${name}, lines of ${format} for ${tool}: not run, ${why}`);
      if (tool === 'PEFT') {
        placeBase(text, baseFiles, out);
        says(run(python, ['-c', text], out));
      } else if (tool === 'transformers') says(run(python, ['-c', text], out));
      else if (tool === 'llama-cpp-python') says(run(llama, ['-c', text], cwd));
      else if (spawnSync('sh', ['-c', `command -v ${text.split(' ')[0]}`]).status !== 0)
        skip(`there is no ${text.split(' ')[0]} here`);
      else says(run('sh', ['-c', `${text} 2>/dev/null </dev/null`], cwd));
    }
  }
}
