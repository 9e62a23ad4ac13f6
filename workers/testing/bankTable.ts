/** The classes of `bankRows`, in the order of their rows. */
export const bankKinds = ['card', 'cash', 'transfer'] as const;

/** Lines of a CSV: a message of some words and its class, which one of the words tells. */
export function bankRows(count: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const kind = bankKinds[row % bankKinds.length];
    return `My ${kind} number ${row} did not arrive,${kind}`;
  });
}

/** `bankRows` as a file. */
export function bankCsv(count: number): string {
  return ['text,label', ...bankRows(count)].join('\n');
}
