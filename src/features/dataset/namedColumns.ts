import type { ErrorCode, ErrorReport } from '../../../workers/api/errors';

/** Errors after which other columns of the same file may do. */
const curable: ReadonlySet<ErrorCode> = new Set([
  'data/no-label-column',
  'data/missing-column',
  'data/one-class',
  'data/too-many-classes',
  'data/too-few-rows',
  'data/float-labels',
]);

/** The columns that an error names, and the one that it takes for the text; null where other columns would not help. */
export function namedColumns({ code, details }: ErrorReport): { all: string[]; text: string } | null {
  const { columns, text } = details;
  if (!curable.has(code) || typeof columns !== 'string') return null;
  const all = readNames(columns);
  const [first] = all;
  if (first === undefined || all.length < 2) return null;
  return { all, text: typeof text === 'string' && all.includes(text) ? text : first };
}

function readNames(json: string): string[] {
  const names: unknown = JSON.parse(json);
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}
