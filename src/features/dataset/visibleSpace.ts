const signs: Record<string, string> = { ' ': '·', '\n': '⏎', '\t': '⇥', '\r': '␍', '\u00a0': '⍽' };
const UNSEEN = /^[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]+$/u;
const mostSigns = 24;

/** White space and characters that show nothing, as signs; other text as it is. */
export function visibleSpace(text: string): { shown: string; isSpace: boolean } {
  if (!UNSEEN.test(text)) return { shown: text, isSpace: false };
  const characters = Array.from(text);
  const shown = characters.slice(0, mostSigns).map((character) => signs[character] ?? codePoint(character));
  return { shown: `${shown.join(' ')}${characters.length > mostSigns ? ' …' : ''}`, isSpace: true };
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
