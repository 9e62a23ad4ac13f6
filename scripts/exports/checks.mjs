// What the checks of `npm run verify:exports` share.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../servePage.mjs';

/**
 * @typedef {{ python: string, llama: string }} Pythons
 * @typedef {import('./exportedRun').Exported} Exported
 */

/** The other programs' side. */
export const others = join(root, 'scripts/exports/others.py');

/** Of the largest logit; llama.cpp's and transformers' sums are taken in another order than ours. */
export const logitTolerance = 1e-4;

/** @type {string[]} */
export const failures = [];

/** @param {boolean} holds @param {string} words */
export function expect(holds, words) {
  console.log(`${holds ? 'ok  ' : 'FAIL'}  ${words}`);
  if (!holds) failures.push(words);
}

/** @param {string} program @param {string[]} words @param {string} [cwd] */
export function run(program, words, cwd = root) {
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1' };
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${basename(program)} ${words.slice(0, 3).join(' ')} ended with ${status}:\n${stderr.slice(-1500)}`);
  return stdout;
}

/** @param {ArrayLike<number>} first @param {ArrayLike<number>} second */
export function relativeDifference(first, second) {
  let [most, largest] = [first.length === second.length ? 0 : Infinity, 0];
  for (const [index, value] of Array.from(second).entries()) {
    most = Math.max(most, Math.abs(value - (first[index] ?? NaN)));
    largest = Math.max(largest, Math.abs(value));
  }
  return most / largest;
}

/** @param {string} path */
export function floatsOf(path) {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

/** @param {Exported} exported @param {string} out */
export function writeFolders({ folders }, out) {
  for (const [folder, held] of folders) {
    mkdirSync(join(out, folder), { recursive: true });
    for (const [file, bytes] of held) writeFileSync(join(out, folder, file), bytes);
  }
}

/** @param {string} path @param {string} name @param {string} [folder] */
export function fileOf(path, name, folder) {
  const file = new File([readFileSync(path)], name);
  if (folder !== undefined) Object.defineProperty(file, 'webkitRelativePath', { value: `${folder}/${name}` });
  return file;
}

/** Lays the base's files where lines for PEFT look for them. @param {string} lines @param {string[]} baseFiles @param {string} out */
export function placeBase(lines, baseFiles, out) {
  const [, baseName = ''] = /^base_name = "([^"]+)"/m.exec(lines) ?? [];
  mkdirSync(join(out, baseName), { recursive: true });
  for (const file of baseFiles) writeFileSync(join(out, baseName, basename(file)), readFileSync(file));
}

/**
 * What the Hub's own library reads of a run's cards: the figures as they were measured, and names as texts.
 * @param {string} name
 * @param {Exported} exported
 * @param {{ out: string, python: string, names: readonly string[] }} given names: what must be shown as it is
 */
export function verifyCards(name, { folders, result }, { out, python, names }) {
  const wanted =
    result.task === 'text'
      ? [result.tuned.perplexity, result.tuned.loss]
      : [result.tuned.accuracy, result.tuned.macro.f1, result.tuned.macro.precision, result.tuned.macro.recall, result.tuned.weighted.f1, result.tuned.loss]; // prettier-ignore
  const tag = result.task === 'head' ? 'text-classification' : 'text-generation';
  for (const folder of [...folders.keys()].filter((each) => folders.get(each)?.has('config.json') || each.endsWith('-adapter'))) {
    const read = JSON.parse(run(python, [others, 'card', join(out, folder, 'README.md')]));
    const values = read.metrics.map((/** @type {[string, string, number]} */ [, , value]) => value);
    const isMerged = folders.get(folder)?.has('config.json') === true;
    const library = isMerged ? 'transformers' : 'peft';
    const told = `${name}, card of ${folder} by ModelCard: ${read.data.library_name}, ${read.data.pipeline_tag}, ${values.length} metrics`;
    const isRead =
      read.name === result.name &&
      read.data.library_name === library &&
      read.data.pipeline_tag === tag &&
      `${values}` === `${wanted}`;
    expect(isRead, told);
    const missing = names.filter((each) => !read.texts.some((/** @type {string} */ text) => text.includes(each.replaceAll('|', '¦')) || text.includes(each))); // prettier-ignore
    const strange = [...read.html, ...read.headings.filter((/** @type {string} */ text) => /^[xy]|card ¦/.test(text))];
    expect(
      missing.length === 0 && strange.length === 0,
      `${name}, card of ${folder} as Markdown: ${names.length} names as texts, ${read.headings.length} headings, no HTML${missing.length + strange.length > 0 ? `; missing ${JSON.stringify(missing)}, strange ${JSON.stringify(strange)}` : ''}`,
    );
  }
}
