/** More distinct labels than this are refused: such a column holds something else. */
export const largestClassCount = 1000;

const INTEGER = /^-?\d{1,15}$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Class names in the order of the model's head: integers ascending, else by code point as Python sorts strings. */
export function sortedLabels(names: Iterable<string>): string[] {
  const labels = [...names];
  const integers = labels.every((label) => INTEGER.test(label));
  return labels.sort(integers ? (a, b) => Number(a) - Number(b) || byCodePoint(a, b) : byCodePoint);
}

/** True when the labels are numbers on a scale (one of them not whole), not classes. */
export function areDecimals(names: Iterable<string>): boolean {
  let someFraction = false;
  for (const name of names) {
    if (!NUMBER.test(name)) return false;
    someFraction ||= !Number.isInteger(Number(name));
  }
  return someFraction;
}

/** JavaScript compares UTF-16 units, which puts U+E000 to U+FFFF behind the characters above them. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const bothSurrogates = isSurrogate(left) === isSurrogate(right);
    if (bothSurrogates) return left - right;
    const surrogate = isSurrogate(left) ? 1 : -1;
    const other = isSurrogate(left) ? right : left;
    return other >= 0xe000 ? surrogate : left - right;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
