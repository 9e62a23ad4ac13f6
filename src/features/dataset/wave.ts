/** The one ornament: a wave that settles, in a box of 1000 x 124. */
export function settlingWave(): string {
  const points: string[] = [];
  for (let x = 0; x <= 1000; x += 2.5) {
    const swing = 52 * Math.exp(-x / 277);
    const y = 62 - swing * Math.cos((2 * Math.PI * x) / 89 + 1.05);
    points.push(`${x},${y.toFixed(1)}`);
  }
  return `M${points.join('L')}`;
}
