/** A text parted where a word occurs in it, in any case. */
export function matches(text: string, word: string): { isMatch: boolean; part: string }[] {
  const lower = text.toLowerCase();
  // A few capitals grow when they become small; their places would not fit.
  if (word === '' || lower.length !== text.length) return [{ isMatch: false, part: text }];
  const parts: { isMatch: boolean; part: string }[] = [];
  let from = 0;
  for (let at = lower.indexOf(word.toLowerCase()); at >= 0; at = lower.indexOf(word.toLowerCase(), from)) {
    if (at > from) parts.push({ isMatch: false, part: text.slice(from, at) });
    parts.push({ isMatch: true, part: text.slice(at, at + word.length) });
    from = at + word.length;
  }
  if (from < text.length) parts.push({ isMatch: false, part: text.slice(from) });
  return parts;
}
