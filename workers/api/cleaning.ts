import { TuneletError } from './errors';

/** How texts are cleaned before anything reads them; all of it off by default. */
export interface CleaningSettings {
  html: boolean;
  control: boolean;
  urls: boolean;
  lowercase: boolean;
  whitespace: boolean;
  duplicates: boolean;
  /** Texts of fewer words are left out; 0: none. */
  minWords: number;
}

export type CleaningKey = keyof CleaningSettings;

/** What changes a text, in the order in which it is done. The other two leave rows out. */
export const textSteps = ['html', 'control', 'urls', 'lowercase', 'whitespace'] as const satisfies readonly CleaningKey[];
export type TextStep = (typeof textSteps)[number];

export interface CleaningEntry {
  key: CleaningKey;
  /** For files and `--set`. */
  name: `clean.${string}`;
  label: string;
  /** One sentence: what it does. */
  help: string;
  kind: 'switch' | 'integer';
}

/** In the order of the page. */
export const cleaningEntries: readonly CleaningEntry[] = [
  {
    key: 'html',
    name: 'clean.html',
    label: 'Strip HTML, decode entities',
    help: 'Tags go, line-breaking ones become a line break, and &amp; becomes &.',
    kind: 'switch',
  },
  {
    key: 'control',
    name: 'clean.control',
    label: 'Remove control characters',
    help: 'Characters that show nothing or stand for a damaged one go: control, zero-width and replacement characters.',
    kind: 'switch',
  },
  {
    key: 'urls',
    name: 'clean.urls',
    label: 'Replace links and @names',
    help: 'A web address becomes [link], a name after an @ becomes [name]. E-mail addresses stay.',
    kind: 'switch',
  },
  {
    key: 'lowercase',
    name: 'clean.lowercase',
    label: 'Lowercase',
    help: 'Capitals become small letters.',
    kind: 'switch',
  },
  {
    key: 'whitespace',
    name: 'clean.whitespace',
    label: 'Collapse whitespace',
    help: 'Runs of spaces, tabs and line breaks become one space; none stays at the ends.',
    kind: 'switch',
  },
  {
    key: 'duplicates',
    name: 'clean.duplicates',
    label: 'Drop the same text twice',
    help: 'Of rows with the same text within one file the first stays.',
    kind: 'switch',
  },
  {
    key: 'minWords',
    name: 'clean.min_words',
    label: 'Drop short texts',
    help: 'Texts of fewer words, parted by spaces, are left out; 0 keeps all.',
    kind: 'integer',
  },
];

export const noCleaning: CleaningSettings = {
  html: false,
  control: false,
  urls: false,
  lowercase: false,
  whitespace: false,
  duplicates: false,
  minWords: 0,
};

/** More is no text any more. */
export const mostMinWords = 1000;

/** Those that are on, by the names of files: `{ 'clean.html': true }`. */
export function toCleaningNames(cleaning: CleaningSettings): Record<string, boolean | number> {
  const on = cleaningEntries.filter(({ key }) => cleaning[key] !== noCleaning[key]);
  return Object.fromEntries(on.map(({ key, name }) => [name, cleaning[key]]));
}

/** What `toCleaningNames` wrote; anything else that stands there is left alone. */
export function fromCleaningNames(names: Readonly<Record<string, unknown>>): CleaningSettings {
  const cleaning = { ...noCleaning };
  for (const step of [...textSteps, 'duplicates'] as const) cleaning[step] = names[`clean.${step}`] === true;
  const minWords = names['clean.min_words'];
  if (typeof minWords === 'number' && Number.isInteger(minWords) && minWords > 0 && minWords <= mostMinWords)
    cleaning.minWords = minWords;
  return cleaning;
}

/** A piece of a text before and after cleaning. */
export interface ChangedPiece {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** A text that cleaning changes; long ones are shown around the first change. */
export interface CleanedExample {
  /** Data rows counted from 1. */
  row: number;
  pieces: ChangedPiece[];
}

/** What cleaning does to a dataset, counted over all of its files. */
export interface CleaningReport {
  /** Texts that each step changes (or leaves out) after the steps before it that are on; counted whether it is on or off. */
  counts: Record<CleaningKey, number>;
  /** Texts that differ from what the file says. */
  changed: number;
  /** Texts looked at. */
  texts: number;
  /** Texts that stand in more than one split, or would where the same text is kept in one. */
  inTwoSplits: number;
  examples: CleanedExample[];
}

/** Throws settings/invalid. */
export function checkCleaning({ minWords }: CleaningSettings): void {
  if (Number.isInteger(minWords) && minWords >= 0 && minWords <= mostMinWords) return;
  throw new TuneletError(
    'settings/invalid',
    `Cleaning the texts, clean.min_words is ${minWords}. It is a whole number from 0 to ${mostMinWords.toLocaleString('en')}.`,
    'Enter the least number of words that a text must have; 0 keeps all.',
    { minWords },
  );
}
