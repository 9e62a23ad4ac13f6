/** The first thing wrong with a JSON text that `JSON.parse` would accept without a word, or null. */
export interface JsonFault {
  kind: 'duplicate-key' | 'too-deep' | 'too-many-keys';
  /** The repeated key, or the depth or number met. */
  value: string;
}

const quote = 34;
const backslash = 92;

/**
 * Looks for repeated keys (`JSON.parse` keeps the last), for nesting beyond `maximumDepth` and for more than `mostKeys`, in one
 * pass that builds nothing but sets of keys. Text that is not JSON is left to `JSON.parse` to refuse.
 */
export function findJsonFault(text: string, maximumDepth: number, mostKeys = Infinity): JsonFault | null {
  // One entry a level: the keys met in an object, null in an array.
  const levels: (Set<string> | null)[] = [];
  let keyCount = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{' || character === '[') {
      levels.push(character === '{' ? new Set() : null);
      if (levels.length > maximumDepth) return { kind: 'too-deep', value: String(levels.length) };
    } else if (character === '}' || character === ']') {
      levels.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      const keys = levels.at(-1);
      if (keys && isFollowedByColon(text, end)) {
        const key = unescaped(text.slice(at, end));
        if (keys.has(key)) return { kind: 'duplicate-key', value: key };
        keys.add(key);
        keyCount++;
        if (keyCount > mostKeys) return { kind: 'too-many-keys', value: String(keyCount) };
      }
      at = end - 1;
    }
  }
  return null;
}

/** Index after the closing quote, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

function isFollowedByColon(text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === ':') return true;
    if (!' \t\n\r'.includes(character)) return false;
  }
  return false;
}

/** Two spellings of one key are the same key; a broken escape is left for `JSON.parse`. */
function unescaped(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}
