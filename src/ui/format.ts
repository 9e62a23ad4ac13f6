const noBreak = '\u00a0';

/** "6,412". */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** "5.4 M", "124 M", "1.71 B"; below a million the count itself. */
export function formatParameters(count: number): string {
  if (count >= 999.5e6) return `${significant(count / 1e9)}${noBreak}B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(count >= 99.5e6 ? 0 : 1).replace(/\.0$/, '')}${noBreak}M`;
  return formatCount(count);
}

/** "11 MB", "3.42 GB"; decimal units, as the Hub shows them. */
export function formatBytes(sizeBytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0
    ? `${value} ${value === 1 ? 'byte' : 'bytes'}`
    : `${value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 0.484 becomes "48.4 %". */
export function formatPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}${noBreak}%`;
}

/** "3 min 30 s", "1 h 10 min", "42 s". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1 row", "3 rows". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Three digits, two below ten. */
function significant(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2).replace(/\.?0+$/, '');
}
