import type { SplitMethod, SplitOptions } from '../../../workers/api/dataset';

/** The split as typed: shares in per cent, or rows of each class. */
export interface SplitDraft {
  train: string;
  validation: string;
  test: string;
  seed: string;
}

export type SplitField = keyof SplitDraft;

const largestSeed = 4294967295;
const mostRows = 1_000_000;

export function fieldsOf(): { name: SplitField; label: string }[] {
  return [
    { name: 'train', label: 'Train' },
    { name: 'validation', label: 'Validation' },
    { name: 'test', label: 'Test' },
    { name: 'seed', label: 'Seed' },
  ];
}

export function draftOf({ method, validationShare, testShare, rowsPerClass, seed }: SplitOptions): SplitDraft {
  if (method === 'rows') {
    const { train, validation, test } = rowsPerClass;
    return { train: String(train), validation: String(validation), test: String(test), seed: String(seed) };
  }
  return { train: '', validation: percent(validationShare), test: percent(testShare), seed: String(seed) };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))} %`;
}

type Reading = { options: Partial<SplitOptions> } | { problems: Partial<Record<SplitField, string>> };

/** The options that a draft asks for, or what is wrong with it, by field. */
export function readDraft(draft: SplitDraft, method: SplitMethod): Reading {
  const problems: Partial<Record<SplitField, string>> = {};
  const seed = readNumber(draft.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > largestSeed) {
    problems.seed = `“${draft.seed}” is not a seed. Enter a whole number from 0 to ${largestSeed}.`;
  }
  const options = method === 'rows' ? readRows(draft, problems) : readShares(draft, problems);
  return Object.keys(problems).length > 0 ? { problems } : { options: { ...options, seed } };
}

function readShares(draft: SplitDraft, problems: Partial<Record<SplitField, string>>): Partial<SplitOptions> {
  const validation = readNumber(draft.validation);
  const test = readNumber(draft.test);
  if (!isShare(validation)) problems.validation = `“${draft.validation}” is not a share. Enter a number from 0 to 90.`;
  if (!isShare(test)) problems.test = `“${draft.test}” is not a share. Enter a number from 0 to 90.`;
  else if (isShare(validation) && validation + test > 90) {
    problems.test = `Validation and test take ${validation + test} % together. Leave at least 10 % for training.`;
  }
  return { validationShare: validation / 100, testShare: test / 100 };
}

function readRows(draft: SplitDraft, problems: Partial<Record<SplitField, string>>): Partial<SplitOptions> {
  const read = (name: 'train' | 'validation' | 'test', least: number): number => {
    const rows = readNumber(draft[name]);
    if (!Number.isInteger(rows) || rows < least || rows > mostRows) {
      problems[name] =
        `“${draft[name]}” is no count of rows. Enter a whole number from ${least} to ${mostRows.toLocaleString('en')}.`;
    }
    return rows;
  };
  return { rowsPerClass: { train: read('train', 1), validation: read('validation', 0), test: read('test', 0) } };
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 90;
}

function readNumber(text: string): number {
  const trimmed = text.replace('%', '').trim();
  return trimmed === '' ? NaN : Number(trimmed);
}
