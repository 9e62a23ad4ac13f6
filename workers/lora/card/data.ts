import { toCleaningNames } from '../../api/cleaning';
import type { Preparation } from '../../api/dataset';
import type { HubDatasetChoice } from '../../api/hubDataset';
import type { CardRecord } from '../trainingLog';
import { code, inline } from './markdown';

/** Source, rows, classes, split and what was done to the texts. */
export function dataLines({ data, result }: CardRecord): string {
  const { train, validation, test } = data.split;
  const classes = data.labels.map(({ name, count }) => `${code(name)} ${count}`).join(', ');
  return [
    `- ${inline(data.name)}: ${train} texts for training, ${validation} for validation, ${test} for the test`,
    ...(data.hub ? [hubLine(data.hub)] : []),
    `- Split: ${inline(data.splitMethod)}`,
    ...preparationLines(result.preparation),
    ...(result.task === 'text' ? [] : [`- Texts per class: ${classes}`]),
  ].join('\n');
}

/** Which rows of the Hub's, so that others can take the same. */
function hubLine({ id, config, splits, rows, choose }: HubDatasetChoice): string {
  const used = Object.entries(splits).flatMap(([part, split]) => (split === null ? [] : [`${code(split)} as ${part}`]));
  const which = choose === 'spread' ? 'at even distances' : 'from its top';
  const count = rows === null ? 'all rows' : `at most ${rows} rows of each split, ${which}`;
  return `- From the Hugging Face Hub: ${code(id)}, configuration ${code(config)}, ${used.join(', ')}; ${count}`;
}

/** What a text has to go through before it is like those that the adapter learned from. */
function preparationLines({ mapping: { text, textPair, label }, cleaning }: Preparation): string[] {
  const pair = textPair ? `, then ${code(textPair.column)} after ${code(JSON.stringify(textPair.joiner))}` : '';
  const columns = `- Columns: text ${code(text)}${pair}${label === '' ? '' : `, label ${code(label)}`}`;
  const steps = Object.entries(toCleaningNames(cleaning)).map(([name, value]) =>
    code(value === true ? name : `${name}=${value}`),
  );
  if (steps.length === 0) return [columns, '- Cleaning: none, texts as they are'];
  return [columns, `- Cleaning, which new texts should go through too: ${steps.join(', ')}`];
}
