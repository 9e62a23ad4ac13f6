import type { SplitName } from './dataset';

const words: Record<SplitName, RegExp> = {
  train: /(^|[^a-z])(train|training)([^a-z]|$)/i,
  validation: /(^|[^a-z])(validation|valid|val|dev|eval)([^a-z]|$)/i,
  test: /(^|[^a-z])(test|testing)([^a-z]|$)/i,
};

export const splitNames: readonly SplitName[] = ['train', 'validation', 'test'];

/** The split that a file's or a folder's name tells, or null. */
export function splitOfName(name: string): SplitName | null {
  return splitNames.find((split) => words[split].test(name)) ?? null;
}
