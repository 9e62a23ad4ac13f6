/** What the model answers, by label; a label without an entry is answered by its name. */
export type LabelWords = Readonly<Record<string, string>>;

/** Longer ones are no words any more. */
const mostCharacters = 200;

/** The word for a label, without white space around it. */
export function wordFor(label: string, words: LabelWords): string {
  const word = Object.hasOwn(words, label) ? words[label] : undefined;
  return word === undefined ? label : word.trim();
}

/** The same with another word for a label; its own name takes the entry away. */
export function withWord(words: LabelWords, label: string, word: string): Record<string, string> {
  const others = Object.entries(words).filter(([other]) => other !== label);
  return Object.fromEntries(word === label ? others : [...others, [label, word]]);
}

/** The entries of these labels alone that say something else than the label's name, in the labels' order. */
export function wordsOf(labels: readonly string[], words: LabelWords): Record<string, string> {
  const entries = labels.map((label) => [label, wordFor(label, words)] as const);
  return Object.fromEntries(entries.filter(([label, word]) => word !== label));
}

/** Reads a JSON object of texts; null where it is none. */
export function readLabelWords(text: string): Record<string, string> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  return isLabelWords(json) ? json : null;
}

export function isLabelWords(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((word) => typeof word === 'string')
  );
}

/** What is wrong with the words of these labels, or null: each label needs one, and no two the same. */
export function labelWordsProblem(labels: readonly string[], words: LabelWords): string | null {
  const met = new Map<string, string>();
  for (const label of labels) {
    const word = wordFor(label, words);
    if (word === '') return `The word for “${label}” is empty. Write what the model is to answer, such as the label’s name.`;
    if (word.length > mostCharacters)
      return `The word for “${label}” has ${word.length} characters. The most is ${mostCharacters}.`;
    const other = met.get(word);
    if (other !== undefined) return `“${other}” and “${label}” have the same word, “${word}”. Give each label one of its own.`;
    met.set(word, label);
  }
  return null;
}

/** Words that others begin with: allowed, but the longer one is always the less likely answer of the two. */
export function beginnings(labels: readonly string[], words: LabelWords): { short: string; long: string }[] {
  const all = labels.map((label) => wordFor(label, words)).sort();
  return all.flatMap((short, index) => {
    const long = all[index + 1];
    return long !== undefined && short !== long && long.startsWith(short) ? [{ short, long }] : [];
  });
}
