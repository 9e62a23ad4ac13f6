/** A fraction as a percentage without its sign: "50.2". */
export function formatShare(fraction: number, digits = 1): string {
  return (fraction * 100).toFixed(digits);
}

/** Cross-entropy and norms: "0.341", "12.3". */
export function formatFigure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return 'not a number';
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? Math.min(digits, 1) : digits);
}

/** "2.04e-4", "0". */
export function formatRate(value: number, digits = 2): string {
  if (value === 0) return '0';
  return value
    .toExponential(digits)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e');
}
