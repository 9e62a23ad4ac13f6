import { TuneletError } from '../../api/errors';
import type { Dataset } from '../../data/dataset';
import type { ChosenModel } from '../model/modelRoom';

/** So many texts without a token are enough to tell. */
const mostTried = 1000;

/**
 * Byte-level vocabularies have no token for what is unknown: a text in letters that they lack gives no token at all, and a
 * model would learn from nothing. Ends at the first text that gives one.
 * @throws TuneletError 'model/bad-tokenizer'
 */
export function requireKnownTexts({ tokenizer, summary }: ChosenModel, dataset: Dataset): void {
  let tried = 0;
  for (const text of dataset.texts('train')) {
    if (tokenizer.encodePlain(text).length > 0) return;
    tried += 1;
    if (tried === mostTried) break;
  }
  if (tried === 0) return;
  throw new TuneletError(
    'model/bad-tokenizer',
    `The vocabulary of ${summary.name} has no token for anything in the training texts (${tried.toLocaleString('en')} tried), so there is nothing to learn from.`,
    'Use the tokenizer files that belong to this model, or choose another model.',
    { model: summary.name, tried },
  );
}
