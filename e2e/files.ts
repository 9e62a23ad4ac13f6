/** A file made in memory, as Playwright's `setInputFiles` takes it. */
export interface MadeFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const subjects = [
  'the tram',
  'the night bus',
  'the ferry',
  'the lift',
  'the ticket gate',
  'the early train',
  'the new timetable',
  'the waiting room',
];
const kinds = {
  complaint: [
    'was late again and nobody said why',
    'left without us and stayed dirty all week',
    'is broken and I want my money back',
  ],
  praise: ['was clean and on time, thank you', 'is a pleasure and the staff are kind', 'got us home early, well done'],
  question: ['runs on Sundays or does it not?', 'takes bicycles, and where do I put mine?', 'stops at the harbour, does it?'],
} as const;

/** Rows of three clearly different kinds in turn; no text occurs twice. */
export function messages(count: number): { text: string; kind: keyof typeof kinds }[] {
  const names: (keyof typeof kinds)[] = ['complaint', 'praise', 'question'];
  return Array.from({ length: count }, (_, index) => {
    const kind = names[index % names.length] ?? 'praise';
    const round = Math.floor(index / names.length);
    const subject = subjects[round % subjects.length] ?? '';
    const words = kinds[kind][Math.floor(round / subjects.length) % kinds[kind].length] ?? '';
    return { text: `${subject} ${words} (${round + 1})`, kind };
  });
}

export function csvFile(name: string, content: string | Buffer): MadeFile {
  return { name, mimeType: 'text/csv', buffer: typeof content === 'string' ? Buffer.from(content, 'utf8') : content };
}

/** Columns `message` and `topic`. */
export function messagesCsv(name: string, count: number): MadeFile {
  return csvFile(
    name,
    `message,topic\n${messages(count)
      .map(({ text, kind }) => `"${text}",${kind}\n`)
      .join('')}`,
  );
}

const goodRows = messages(30).map(({ text, kind }) => `"${text}",${kind}\n`);

/** Files that cannot be used, and the code of the error each must give. */
export const badFiles: readonly { what: string; code: string; file: MadeFile }[] = [
  { what: 'an empty file', code: 'data/empty-file', file: csvFile('empty.csv', '') },
  { what: 'a header alone', code: 'data/no-rows', file: csvFile('header_only.csv', 'text,label\n') },
  {
    what: 'one class',
    code: 'data/one-class',
    file: csvFile(
      'one_class.csv',
      `text,label\n${messages(30)
        .map(({ text }) => `"${text}",praise\n`)
        .join('')}`,
    ),
  },
  {
    what: 'no label column',
    code: 'data/no-label-column',
    file: csvFile(
      'no_labels.csv',
      `text,seconds\n${messages(30)
        .map(({ text }, index) => `"${text}",${index * 7}\n`)
        .join('')}`,
    ),
  },
  {
    what: 'a quote that is never closed',
    code: 'data/unbalanced-quotes',
    file: csvFile(
      'unbalanced_quotes.csv',
      `text,label\n${goodRows.join('')}"the ferry never said why,complaint\n${goodRows.join('')}`,
    ),
  },
  {
    what: 'a NUL byte',
    code: 'data/nul-byte',
    file: csvFile('nul.csv', `text,label\n${goodRows.join('')}the fer\u0000ry was late,complaint\n${goodRows.join('')}`),
  },
  {
    what: 'Latin-1 bytes',
    code: 'data/not-utf8',
    file: csvFile(
      'latin1.csv',
      Buffer.from(`text,label\n${goodRows.join('')}"the café on the ferry was closed",complaint\n`, 'latin1'),
    ),
  },
];
