import { badTokenizer } from './badTokenizer';
import { isRecord } from '../api/isRecord';
import { isKnownExpression } from './expressions';

/** What of a tokenizer.json runs on every text. */
const partNames = ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'] as const;

/** The largest in use: a sequence of some ten parts, each with a few characters to replace or to add. */
const mostSteps = 64;
const longestWords = 512;
/** A text may become so many times as long before it is cut. */
const mostGrowth = 16;

/**
 * Holds the parts of a tokenizer.json that work on texts within bounds, so that none can run for ever or make a text endless.
 * Absent parts become null. Throws model/bad-tokenizer.
 */
export function checkParts(json: Record<string, unknown>): void {
  for (const name of partNames) {
    const part = json[name] ?? null;
    if (part !== null && !isRecord(part)) throw badTokenizer(`“${name}” in tokenizer.json is neither an object nor null.`);
    json[name] = part;
    if (part !== null) new PartCheck(name).visit(part);
  }
}

class PartCheck {
  readonly #name: string;
  #steps = 0;
  #growth = 1;

  constructor(name: string) {
    this.#name = name;
  }

  visit(value: unknown, key = ''): void {
    if (typeof value === 'string') this.#checkWords(value, key);
    else if (Array.isArray(value)) for (const item of value) this.visit(item, key);
    else if (isRecord(value)) this.#visitStep(value);
  }

  #visitStep(step: Record<string, unknown>): void {
    this.#steps++;
    // The tokens around a text are a few objects each.
    if (this.#steps > 4 * mostSteps) throw badTokenizer(`Its “${this.#name}” has more than ${4 * mostSteps} parts.`);
    const { type, Regex: expression } = step;
    if (expression !== undefined && (typeof expression !== 'string' || !isKnownExpression(expression)))
      throw unknownExpression(this.#name, typeof expression === 'string' ? expression : JSON.stringify(expression));
    const length = step['length'];
    if (type === 'FixedLength' && !(typeof length === 'number' && Number.isInteger(length) && length >= 1)) {
      throw badTokenizer(`Its “${this.#name}” cuts pieces of ${String(length).slice(0, 40)} characters; at least 1 is needed.`);
    }
    this.#growth *= growthOf(step);
    if (this.#growth > mostGrowth) throw badTokenizer(`Its “${this.#name}” makes texts more than ${mostGrowth} times as long.`);
    for (const [key, value] of Object.entries(step)) this.visit(value, key);
  }

  /** A table of characters is one long text; so are known expressions, which were looked at. */
  #checkWords(words: string, key: string): void {
    if (words.length <= longestWords || key === 'precompiled_charsmap' || key === 'Regex') return;
    throw badTokenizer(`Its “${this.#name}” holds a text of ${words.length} characters; ${longestWords} are the limit.`, {
      start: words.slice(0, 40),
    });
  }
}

/** How many times as long a replacement makes a text at the most. */
function growthOf({ type, pattern, content, str_rep: replacement }: Record<string, unknown>): number {
  if (type === 'Metaspace') return typeof replacement === 'string' ? Math.max(1, replacement.length) : 1;
  if (type !== 'Replace' || typeof content !== 'string') return 1;
  const replaced = isRecord(pattern) && typeof pattern['String'] === 'string' ? pattern['String'].length : 1;
  // An empty pattern is found before every character.
  return replaced === 0 ? 1 + content.length : Math.max(1, content.length / replaced);
}

function unknownExpression(part: string, expression: string): Error {
  const start = expression.slice(0, 80);
  return badTokenizer(
    `Its “${part}” has an expression of ${expression.length} characters that no known tokenizer has: ${start}${expression.length > 80 ? '…' : ''}`,
    { part, expression: start },
    'An unknown expression could stall the page, so only those of GPT-2, Llama, Mistral and Qwen tokenizers are run. Choose another model, or the tokenizer that its base model came with.',
  );
}
