import type { SplitOptions } from '../../../workers/api/dataset';

/** The split as typed: shares in per cent. */
export interface SplitDraft {
  validation: string;
  test: string;
  seed: string;
}

export type SplitField = keyof SplitDraft;

const largestSeed = 4294967295;

export function draftOf(options: SplitOptions): SplitDraft {
  return { validation: percent(options.validationShare), test: percent(options.testShare), seed: String(options.seed) };
}

function percent(share: number): string {
  return String(Number((share * 100).toFixed(4)));
}

/** The options that a draft asks for, or what is wrong with it, by field. */
export function readDraft(draft: SplitDraft): { options: SplitOptions } | { problems: Partial<Record<SplitField, string>> } {
  const validation = readNumber(draft.validation);
  const test = readNumber(draft.test);
  const seed = readNumber(draft.seed);
  const problems: Partial<Record<SplitField, string>> = {};
  if (!isShare(validation)) problems.validation = `“${draft.validation}” is not a share. Enter a number from 0 to 90.`;
  if (!isShare(test)) problems.test = `“${draft.test}” is not a share. Enter a number from 0 to 90.`;
  else if (isShare(validation) && validation + test > 90) {
    problems.test = `Validation and test take ${validation + test} % together. Leave at least 10 % for training.`;
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > largestSeed) {
    problems.seed = `“${draft.seed}” is not a seed. Enter a whole number from 0 to ${largestSeed}.`;
  }
  if (Object.keys(problems).length > 0) return { problems };
  return { options: { validationShare: validation / 100, testShare: test / 100, seed } };
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 90;
}

function readNumber(text: string): number {
  const trimmed = text.replace('%', '').trim();
  return trimmed === '' ? NaN : Number(trimmed);
}
