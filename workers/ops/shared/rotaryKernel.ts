import type { Node, Value } from '../../engine/graph';
import { buildKernel, spread, type BindingSpec, type ElementType } from '../../engine/wgsl/buildKernel';
import type { Kernel } from '../../engine/wgsl/kernel';
import { bind, bindOptional, extents, rowsOf } from './operands';
import rotary from './rotary.wgsl?raw';

interface RotaryParts {
  node: Node;
  body: string;
  frequencies: readonly number[];
  heads: number;
  kvHeads: number;
  /** The packed matrix. */
  packed: Value;
  positions: Value;
  /** The tokens of the rows, where those are some of them. */
  rows: Value | null;
  bindings(type: ElementType): BindingSpec[];
}

/** One dispatch, a thread for a pair of numbers of a head or for four pairs. */
export function rotaryDispatch(parts: RotaryParts): Kernel {
  const { node, body, frequencies, heads, kvHeads, packed, positions, rows } = parts;
  const type = frequencies.length % 4 === 0 ? 'vec4' : 'scalar';
  const half = type === 'vec4' ? frequencies.length / 4 : frequencies.length;
  const units = (heads + 2 * kvHeads) * half;
  return buildKernel({
    label: node.op,
    body: [rotary, body],
    flags: { VEC: type === 'vec4', CHOSEN: rows !== null, QUERIES: heads > 0, KEYS: kvHeads > 0 },
    bindings: [...parts.bindings(type), bind('positions', positions), ...bindOptional('rows', rows)],
    words: { turns: turnWords(frequencies) },
    integers: { rowCount: extents(packed)[0], heads, kvHeads, half },
    grid: (counts) => spread(Math.ceil((rowsOf(packed, counts) * units) / 64)),
    multiplyAdds: (counts) => rowsOf(packed, counts) * units * (type === 'vec4' ? 80 : 20),
  });
}

/** The parts of 2^32 of a circle that each pair turns by from one position to the next. */
function turnWords(frequencies: readonly number[]): number[] {
  return frequencies.map((frequency) => Math.round((frequency / (2 * Math.PI)) * 2 ** 32) >>> 0);
}
