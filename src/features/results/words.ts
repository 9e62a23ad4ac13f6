import { formatCount } from '../../ui/format';
import type { SplitName } from '../../../workers/api/dataset';
import type { Evaluation, ClassResult } from '../../../workers/api/results';

const splitNames: Record<SplitName, string> = { train: 'Training', validation: 'Validation', test: 'Test' };

/** "Test", for the head of a figure. */
export function splitName(split: SplitName): string {
  return splitNames[split];
}

/** On which texts a result was judged, and what that is worth; what an adapter saw before it came here, nobody knows. */
export function judgedOn({ count, split }: Pick<Evaluation, 'count' | 'split'>, origin: ClassResult['origin']): string {
  const texts = `${formatCount(count)} ${split === 'train' ? 'training' : split} ${count === 1 ? 'text' : 'texts'}`;
  if (origin !== 'run') return `judged on ${texts}`;
  if (split === 'test') return `judged on ${texts} it never saw`;
  if (split === 'validation')
    return `judged on ${texts}, as there is no test split: the best step was chosen on them, so the figures flatter a little`;
  return `judged on ${texts} it was trained on`;
}
