export type Flags = Readonly<Record<string, boolean | number>>;

/**
 * The few directives that specialise a `.wgsl` file, each alone on its line: `//@if NAME`, `//@if !NAME`, `//@else`,
 * `//@each x NAME` or `//@each x 8` (repeats its lines with `$x` = 0, 1, …) and `//@end`. Throws on an unknown name or a missing end.
 */
export function fillTemplate(source: string, flags: Flags): string {
  const lines = source.split('\n');
  const [filled, end] = fillBlock(lines, 0, flags);
  if (end < lines.length) throw new Error(`Line ${end + 1}: ${lines[end]} without a beginning.`);
  return filled.join('\n');
}

/** Fills lines until the `//@else` or `//@end` that closes this block; returns them and the index of that line. */
function fillBlock(lines: readonly string[], begin: number, flags: Flags): [string[], number] {
  const out: string[] = [];
  let at = begin;
  while (at < lines.length) {
    const line = lines[at]!;
    const [directive, ...words] = line.trim().split(/\s+/);
    if (directive === '//@else' || directive === '//@end') return [out, at];
    if (directive === '//@if' || directive === '//@each') {
      const fill = directive === '//@if' ? fillCondition : fillRepetition;
      at = fill(lines, at, words, flags, out);
    } else {
      out.push(line);
    }
    at += 1;
  }
  return [out, at];
}

function fillCondition(lines: readonly string[], at: number, words: readonly string[], flags: Flags, out: string[]): number {
  const name = words[0] ?? '';
  const negated = name.startsWith('!');
  const holds = Boolean(flagValue(flags, negated ? name.slice(1) : name)) !== negated;
  const [whenTrue, middle] = fillBlock(lines, at + 1, flags);
  const hasElse = lines[middle]?.trim() === '//@else';
  const [whenFalse, end] = hasElse ? fillBlock(lines, middle + 1, flags) : [[], middle];
  requireEnd(lines, end, at);
  out.push(...(holds ? whenTrue : whenFalse));
  return end;
}

function fillRepetition(lines: readonly string[], at: number, words: readonly string[], flags: Flags, out: string[]): number {
  const [variable = '', name = ''] = words;
  const count = /^\d+$/.test(name) ? Number(name) : Number(flagValue(flags, name));
  const [body, end] = fillBlock(lines, at + 1, flags);
  requireEnd(lines, end, at);
  for (let index = 0; index < count; index++) out.push(...body.map((line) => line.replaceAll(`$${variable}`, String(index))));
  return end;
}

function flagValue(flags: Flags, name: string): boolean | number {
  const value = flags[name];
  if (value === undefined) throw new Error(`The kernel has no flag ${name}.`);
  return value;
}

function requireEnd(lines: readonly string[], at: number, begin: number): void {
  if (lines[at]?.trim() !== '//@end') throw new Error(`Line ${begin + 1}: ${lines[begin]} has no //@end.`);
}
