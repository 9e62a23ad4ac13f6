/** max |a - b| in units of max |b|; infinite where a number is missing, extra or not finite. */
export function relativeDeviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let deviation = 0;
  let scale = 0;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] ?? NaN) - (expected[index] ?? NaN));
    if (!Number.isFinite(difference)) return Infinity;
    deviation = Math.max(deviation, difference);
    scale = Math.max(scale, Math.abs(expected[index] ?? NaN));
  }
  return deviation === 0 ? 0 : deviation / scale;
}
