import { formatCount } from '../../ui/format';
import type { SplitName } from '../../../workers/api/dataset';
import type { ClassFigures, ClassResult, JudgedBy } from '../../../workers/api/results';

const splitNames: Record<SplitName, string> = { train: 'Training', validation: 'Validation', test: 'Test' };

/** "Test", for the head of a figure. */
export function splitName(split: SplitName): string {
  return splitNames[split];
}

/** "641 test texts", or "1,000 of 3,080 test texts, evenly spread". */
export function textsWords({ count, split }: Pick<ClassFigures, 'count' | 'split'>, whole = count): string {
  const texts = `${split === 'train' ? 'training' : split} ${whole === 1 ? 'text' : 'texts'}`;
  return count === whole
    ? `${formatCount(count)} ${texts}`
    : `${formatCount(count)} of ${formatCount(whole)} ${texts}, evenly spread`;
}

/** What a figure on that split is worth; what an adapter saw before it came here, nobody knows. */
export function worthWords(split: SplitName, origin: ClassResult['origin']): string {
  if (origin !== 'run') return '';
  if (split === 'test') return ' it never saw';
  if (split === 'validation')
    return ', as there is no test split: the best step was chosen on them, so the figures flatter a little';
  return ' it was trained on';
}

export function columnsMean(judgedBy: JudgedBy): string {
  return judgedBy === 'writing' ? 'rows true, columns what the answer names' : 'rows true, columns predicted';
}
