/** The numbers of a rotary embedding: pairs (i, i + headSize / 2) of a head turn by position * frequencies[i]. Su et al. 2021. */

type Numbers = Float32Array | Float64Array;

/** Cosines and sines of every row's angles, (rows, headSize) = cos | sin. Row i has the position of row `rows[i]`, or its own. */
export function rotaryTurns(
  positions: ArrayLike<number>,
  rows: ArrayLike<number> | null,
  frequencies: readonly number[],
): Float64Array {
  const half = frequencies.length;
  const count = rows ? rows.length : positions.length;
  const turns = new Float64Array(count * 2 * half);
  for (let row = 0; row < count; row++) {
    const position = positions[rows ? rows[row]! : row]!;
    for (let pair = 0; pair < half; pair++) {
      turns[row * 2 * half + pair] = Math.cos(position * frequencies[pair]!);
      turns[row * 2 * half + half + pair] = Math.sin(position * frequencies[pair]!);
    }
  }
  return turns;
}

/** Some columns of a matrix of rows. */
export interface Columns<N extends Numbers> {
  values: N;
  /** Columns of the whole matrix. */
  stride: number;
  /** First of them. */
  offset: number;
}

/** Turns `heads` heads of every row; `direction` -1 turns them back. */
export function rotate<N extends Numbers>(
  from: Columns<N>,
  to: Columns<N>,
  heads: number,
  turns: ArrayLike<number>,
  headSize: number,
  direction: 1 | -1,
): void {
  const half = headSize / 2;
  const rows = turns.length / headSize;
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const source = row * from.stride + from.offset + head * headSize;
      const target = row * to.stride + to.offset + head * headSize;
      for (let pair = 0; pair < half; pair++) {
        const cosine = turns[row * headSize + pair]!;
        const sine = direction * turns[row * headSize + half + pair]!;
        const [a, b] = [from.values[source + pair]!, from.values[source + half + pair]!];
        to.values[target + pair] = a * cosine - b * sine;
        to.values[target + half + pair] = b * cosine + a * sine;
      }
    }
  }
}

/** Copies `columns` columns of every row. */
export function copyColumns<N extends Numbers>(from: Columns<N>, to: Columns<N>, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    const begin = row * from.stride + from.offset;
    to.values.set(from.values.subarray(begin, begin + columns), row * to.stride + to.offset);
  }
}
