/**
 * The label that a written answer names, as its index, or null where it names none or several. An answer names a label that it
 * begins with (the longest, where several labels begin alike), else the only label that stands in it as a word of its own.
 * Case, and marks and white space around it, do not count.
 */
export function namedLabel(answer: string, labels: readonly string[]): number | null {
  const text = plain(answer);
  const order = labels.map((label, index) => ({ index, words: plain(label) })).filter(({ words }) => words !== '');
  const leading = order.filter(({ words }) => startsWithWords(text, words)).sort((a, b) => b.words.length - a.words.length);
  if (leading[0]) return leading[0].index;
  const within = order.filter(({ words }) => ` ${text} `.includes(` ${words} `));
  const widest = within.filter(
    ({ words }) => !within.some((other) => other.words !== words && ` ${other.words} `.includes(` ${words} `)),
  );
  return widest.length === 1 ? (widest[0]?.index ?? null) : null;
}

/** The share of answers that name no label. */
export function unparsedShare(named: readonly (number | null)[]): number {
  return named.length === 0 ? 0 : named.filter((label) => label === null).length / named.length;
}

function startsWithWords(text: string, words: string): boolean {
  return text === words || text.startsWith(`${words} `);
}

/** Lower case, with one space for everything that is neither letter, mark nor number. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
