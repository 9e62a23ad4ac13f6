/** "548 MB", "3.4 GB": decimal units, as the Hub shows them. */
export function readableBytes(sizeBytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3)));
  const value = sizeBytes / 1000 ** power;
  return `${power === 0 || value >= 99.5 ? Math.round(value) : Number(value.toPrecision(2))} ${units[power]}`;
}
