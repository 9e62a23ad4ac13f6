/**
 * Expressions by which known tokenizers cut text. A tokenizer.json comes from a stranger and its expressions run on the user's
 * texts, where a hostile one may run for ever: only these are accepted, each of which goes through a text without returning to it.
 */
export const knownExpressions: ReadonlySet<string> = new Set([
  // GPT-2, in both spellings.
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  // GPT-4 and Llama 3.
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  // Qwen 2.
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  // Mistral's Tekken.
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  // Digits, spaces and lines, one by one or in runs.
  '\\d',
  '\\d+',
  '\\d{1,3}',
  '[0-9]',
  '[0-9][0-9][0-9]',
  '\\p{N}',
  '\\p{N}+',
  '\\p{N}{1,3}',
  ' ',
  ' +',
  ' {2,}',
  '\\s+',
  '\\n',
  '\\r\\n',
  '[\\r\\n]',
  '[\\r\\n]+',
]);

/** Whether a known tokenizer cuts by this expression. */
export function isKnownExpression(expression: string): boolean {
  return knownExpressions.has(expression);
}
