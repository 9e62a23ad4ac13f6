// A run with a head: merged models in transformers, the lines beside its downloads, and its cards.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, fileOf, floatsOf, logitTolerance, others, placeBase, relativeDifference, run, verifyCards, writeFolders } from './checks.mjs'; // prettier-ignore

/**
 * @typedef {import('./checks.mjs').Pythons} Pythons
 * @typedef {typeof import('./exportedRun') & typeof import('./classifierModel')} Ours
 * @typedef {{ name: string, files: File[], settings: Record<string, unknown>, baseFiles?: string[] }} Example
 * baseFiles: where the base lies for the lines beside a download; without it these are not run
 */

/** @param {Example} example @param {string} out @param {Pythons & Ours} programs */
export async function verifyClassifier({ name, files, settings, baseFiles }, out, programs) {
  const { python, exportClassifier, classifierLogits } = programs;
  const exported = await exportClassifier(files, settings);
  const { answer, folders, lines: all, logits, maxLength, names, result, texts } = exported;
  writeFolders(exported, out);
  const file = join(out, 'texts.json');
  writeFileSync(file, JSON.stringify(texts));
  if (result.task === 'text') throw new Error('A classifier has classes.');
  const best = logits.map((row) => result.labels[row.indexOf(Math.max(...row))]);

  for (const folder of [...folders.keys()].filter((each) => folders.get(each)?.has('config.json'))) {
    const path = join(out, folder);
    const held = readdirSync(path).filter((each) => /\.(json|safetensors)$/.test(each));
    const own = await classifierLogits(held.map((each) => fileOf(join(path, each), each)), texts, maxLength); // prettier-ignore
    const raw = join(out, 'logits.f32');
    const read = JSON.parse(run(python, [others, 'classifier', path, raw, file, String(maxLength)]));
    const off = relativeDifference(floatsOf(raw), own);
    const type = folder.endsWith('-float32') ? 'float32' : 'float16';
    expect(
      off <= logitTolerance && read.stored === type,
      `${name}, ${folder} (${read.stored}) in transformers (${read.class}): logits of ${texts.length} texts ${off.toExponential(1)} off`,
    );
    // Base and adapter apart, as the run itself judged them: float16 is another storage than the run's.
    const apart = relativeDifference(floatsOf(raw), logits.flat());
    if (type === 'float32')
      expect(apart <= logitTolerance, `${name}, ${folder}: ${apart.toExponential(1)} off the run’s own logits`);
    const answers = read.answers.map((/** @type {{ label: string }} */ { label }) => label);
    const isNamed = `${read.labels}` === `${result.labels}`;
    expect(
      isNamed && `${answers}` === `${best}`,
      `${name}, ${folder} in a pipeline: ${texts.length} answers by the labels’ own names`,
    );
  }

  for (const { format, lines } of all) {
    for (const { tool, text } of lines) {
      if (tool === 'PEFT') placeBase(text, baseFiles ?? [], out);
      const got = run(python, ['-c', text], out).trim();
      const probability = Number(/([\d.]+(?:e-\d+)?)\D*$/.exec(got)?.[1]);
      // Float16's own rounding of the weights.
      const isNear = Math.abs(probability - answer.probability) < (tool === 'PEFT' ? 1e-5 : 5e-3);
      const label = tool === 'PEFT' ? answer.label : pythonRepr(answer.label);
      expect(isNear && got.includes(label), `${name}, lines of ${format} for ${tool}: ${got}`);
    }
  }
  verifyCards(name, exported, { out, python, names });
}

/** As Python prints a text inside a list. @param {string} text */
function pythonRepr(text) {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark;
}
