import { TuneletError } from '../api/errors';

export function badTokenizer(
  problem: string,
  details: TuneletError['details'] = {},
  remedy = 'Use the tokenizer files that belong to the model, unchanged.',
): TuneletError {
  return new TuneletError('model/bad-tokenizer', `Reading the tokenizer failed. ${problem}`, remedy, details);
}
