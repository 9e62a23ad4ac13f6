/** More than any model has blocks. */
const mostIndices = 10_000;

/** "0-3, 7" as its numbers in order, each once; NaN alone where a part is no number and no range. */
export function readIndices(text: string): number[] {
  const parts = text.split(/[\s,]+/).filter(Boolean);
  const indices = [...new Set(parts.flatMap(readPart))];
  return indices.some(Number.isNaN) ? [NaN] : indices.sort((a, b) => a - b).slice(0, mostIndices);
}

function readPart(part: string): number[] {
  const [, first, last] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
  if (first === undefined) return [NaN];
  const [from, to] = [Number(first), Number(last ?? first)];
  return to < from ? [NaN] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Neighbours as ranges: 0, 1, 2 and 5 are "0-2, 5". */
export function writeIndices(indices: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run && index === run[1] + 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
