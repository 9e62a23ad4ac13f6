import { textSteps, type CleaningSettings } from '../../api/cleaning';
import type { Examples } from '../mapColumns';
import type { Steps } from '../steps';
import { mappedColumn } from '../textColumns';
import { cleanerOf, countWords } from './cleaner';
import { SameTexts } from './sameTexts';

/** True where some text may change or some row may go. */
export function cleansAnything(cleaning: CleaningSettings): boolean {
  return textSteps.some((step) => cleaning[step]) || cleaning.duplicates || cleaning.minWords > 0;
}

/**
 * The examples with their texts cleaned, which happens when they are read; rows that cleaning empties or that it is to leave out are
 * counted.
 */
export function* cleanExamples(examples: Examples, cleaning: CleaningSettings): Steps<Examples> {
  if (!cleansAnything(cleaning)) return examples;
  const clean = cleanerOf(cleaning);
  const text = clean ? mappedColumn(examples.text, clean) : examples.text;
  const { rows, rowNumbers, labels } = examples;
  const skips = examples.skips.copy();
  const same = new SameTexts((place) => text.at(rows[place]!));
  const kept = new Int32Array(rows.length);
  let count = 0;
  for (const [place, row] of rows.entries()) {
    yield;
    const cleaned = text.at(row);
    const isShort = countWords(cleaned, cleaning.minWords) < cleaning.minWords;
    const isDouble = !isShort && cleaning.duplicates && same.firstLike(cleaned, place) !== place;
    if (cleaned.trim() === '') skips.note('empty-text', rowNumbers[place]!, examples.text.at(row));
    else if (isShort) skips.note('too-few-words', rowNumbers[place]!, cleaned);
    else if (isDouble) skips.note('same-text', rowNumbers[place]!, cleaned);
    else kept[count++] = place;
  }
  const places = kept.subarray(0, count);
  return { ...selectExamples({ rows, rowNumbers, labels }, places), text, skips };
}

/** Some of the examples, by their places. */
export function selectExamples(
  { rows, rowNumbers, labels }: Pick<Examples, 'rows' | 'rowNumbers' | 'labels'>,
  places: Int32Array,
): Pick<Examples, 'rows' | 'rowNumbers' | 'labels'> {
  return {
    rows: places.map((place) => rows[place]!),
    rowNumbers: places.map((place) => rowNumbers[place]!),
    labels: labelsInUse({ values: labels.values, codes: places.map((place) => labels.codes[place]!) }),
  };
}

function labelsInUse({ values, codes }: Examples['labels']): Examples['labels'] {
  const used = new Uint8Array(values.length);
  for (const code of codes) used[code] = 1;
  if (!used.includes(0)) return { values, codes };
  const newCode = new Int32Array(values.length);
  const kept = values.filter((_, code) => used[code] === 1);
  let count = 0;
  used.forEach((isUsed, code) => (newCode[code] = isUsed === 1 ? count++ : -1));
  return { values: kept, codes: codes.map((code) => newCode[code]!) };
}
