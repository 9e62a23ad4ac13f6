export type Flags = Readonly<Record<string, boolean | number>>;

/** Lines as they are, lines for either case of a flag, or lines for each of as many indices. */
type Piece =
  | { kind: 'lines'; lines: readonly string[] }
  | { kind: 'condition'; name: string; whenTrue: readonly Piece[]; whenFalse: readonly Piece[] }
  | { kind: 'repetition'; variable: string; count: string; body: readonly Piece[] };

/** A few dozen files are filled thousands of times. */
const parsed = new Map<string, readonly Piece[]>();

/**
 * The few directives that specialise a `.wgsl` file, each alone on its line: `//@if NAME`, `//@if !NAME`, `//@else`,
 * `//@each x NAME` or `//@each x 8` (repeats its lines with `$x` = 0, 1, …) and `//@end`. Throws on an unknown name or a missing end.
 */
export function fillTemplate(source: string, flags: Flags): string {
  const pieces = parsed.get(source) ?? parse(source);
  parsed.set(source, pieces);
  const out: string[] = [];
  fill(pieces, flags, out);
  return out.join('\n');
}

function fill(pieces: readonly Piece[], flags: Flags, out: string[]): void {
  for (const piece of pieces) {
    if (piece.kind === 'lines') for (const line of piece.lines) out.push(line);
    else if (piece.kind === 'condition') fill(holds(piece.name, flags) ? piece.whenTrue : piece.whenFalse, flags, out);
    else repeat(piece, flags, out);
  }
}

function holds(name: string, flags: Flags): boolean {
  return name.startsWith('!') ? !flagValue(flags, name.slice(1)) : Boolean(flagValue(flags, name));
}

function repeat({ variable, count, body }: Extract<Piece, { kind: 'repetition' }>, flags: Flags, out: string[]): void {
  const times = /^\d+$/.test(count) ? Number(count) : Number(flagValue(flags, count));
  const lines: string[] = [];
  fill(body, flags, lines);
  for (let index = 0; index < times; index++) for (const line of lines) out.push(line.replaceAll(`$${variable}`, String(index)));
}

function flagValue(flags: Flags, name: string): boolean | number {
  const value = flags[name];
  if (value === undefined) throw new Error(`The kernel has no flag ${name}.`);
  return value;
}

function parse(source: string): readonly Piece[] {
  const lines = source.split('\n');
  const [pieces, end] = parseBlock(lines, 0);
  if (end < lines.length) throw new Error(`Line ${end + 1}: ${lines[end]} without a beginning.`);
  return pieces;
}

/** Reads lines until the `//@else` or `//@end` that closes this block; returns its pieces and the index of that line. */
function parseBlock(lines: readonly string[], begin: number): [Piece[], number] {
  const pieces: Piece[] = [];
  let at = begin;
  while (at < lines.length) {
    const [directive, ...words] = lines[at]!.trim().split(/\s+/);
    if (directive === '//@else' || directive === '//@end') return [pieces, at];
    if (directive === '//@if' || directive === '//@each') {
      const [piece, end] = directive === '//@if' ? parseCondition(lines, at, words) : parseRepetition(lines, at, words);
      pieces.push(piece);
      at = end + 1;
    } else {
      const from = at;
      while (at < lines.length && !lines[at]!.trimStart().startsWith('//@')) at += 1;
      // What begins like a directive and is none is a line of its own.
      if (at === from) at += 1;
      pieces.push({ kind: 'lines', lines: lines.slice(from, at) });
    }
  }
  return [pieces, at];
}

function parseCondition(lines: readonly string[], at: number, [name = '']: readonly string[]): [Piece, number] {
  const [whenTrue, middle] = parseBlock(lines, at + 1);
  const hasElse = lines[middle]?.trim() === '//@else';
  const [whenFalse, end] = hasElse ? parseBlock(lines, middle + 1) : [[], middle];
  requireEnd(lines, end, at);
  return [{ kind: 'condition', name, whenTrue, whenFalse }, end];
}

function parseRepetition(lines: readonly string[], at: number, words: readonly string[]): [Piece, number] {
  const [variable = '', count = ''] = words;
  const [body, end] = parseBlock(lines, at + 1);
  requireEnd(lines, end, at);
  return [{ kind: 'repetition', variable, count, body }, end];
}

function requireEnd(lines: readonly string[], at: number, begin: number): void {
  if (lines[at]?.trim() !== '//@end') throw new Error(`Line ${begin + 1}: ${lines[begin]} has no //@end.`);
}
