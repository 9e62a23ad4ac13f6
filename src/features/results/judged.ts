import type { ClassFigures, ClassResult, JudgedBy } from '../../../workers/api/results';

/** A result as one of the two ways to judge shows it: by the likeliest label, or by what the models write. */
export interface JudgedResult {
  judgedBy: JudgedBy;
  labels: readonly string[];
  base: ClassFigures;
  tuned: ClassFigures;
  /** Texts wrong before and right after, and the other way round. */
  righted: number;
  lost: number;
}

/** Where nothing was written, likelihood is the only way. */
export function judgedResult(result: ClassResult, wanted: JudgedBy): JudgedResult {
  const { labels, written } = result;
  if (wanted === 'writing' && written) {
    const { base, tuned, righted, lost } = written;
    return { judgedBy: 'writing', labels, base, tuned, righted, lost };
  }
  const { base, tuned, righted, lost } = result;
  return { judgedBy: 'likelihood', labels, base, tuned, righted, lost };
}

/** Macro-F1 of always answering the most frequent class: its own F1, and 0 for every other. */
export function majorityMacroF1({ majority }: ClassFigures, classes: number): number {
  return (2 * majority.share) / (1 + majority.share) / classes;
}
