import type { DatasetWarning, LabelCount } from '../api/dataset';
import type { MappedFiles } from './mapFiles';
import { labelVariants } from './labelNaming';
import { noLabels } from './mapColumns';
import type { Table } from './table';

const mostNamed = 4;

/** What the user should know of data that can be used as they are. */
export function warningsOf(
  tables: readonly Table[],
  { mapping, labels }: MappedFiles,
  counts: readonly LabelCount[],
): DatasetWarning[] {
  const rare = imbalance(counts);
  // Parts of a table, and tables of one dataset, mostly have the same to say.
  const said = new Map(tables.flatMap((table) => table.warnings.map((warning) => [warning.message, warning])));
  const read = [...said.values(), ...(rare ? [rare] : [])];
  const variants = mapping.label === noLabels ? [] : labelVariants(labels);
  if (variants.length === 0) return read;
  const named = variants.slice(0, mostNamed).map((names) => names.map((name) => `“${name}”`).join(', '));
  const message = `Labels that differ in case or white space alone are classes of their own: ${named.join('; ')}.`;
  return [...read, { code: 'label-variants', message }];
}

/** So many times as many rows in the largest class as in the smallest are worth a word. */
const telling = 10;

/** A class so rare that a model may do without it. */
function imbalance(counts: readonly LabelCount[]): DatasetWarning | null {
  const rarest = counts.reduce<LabelCount | null>(
    (least, next) => (least === null || next.count < least.count ? next : least),
    null,
  );
  const most = Math.max(0, ...counts.map(({ count }) => count));
  if (rarest === null || rarest.count === 0 || most < telling * rarest.count) return null;
  const rows = counts.reduce((sum, { count }) => sum + count, 0);
  const share = (100 * rarest.count) / rows;
  const percent = (value: number): string => `${value.toFixed(Math.min(share, 100 - value) < 0.1 ? 2 : 1)} %`;
  const name = rarest.name.length > 40 ? `${rarest.name.slice(0, 40)}…` : rarest.name;
  const message = `${name} is ${percent(share)} of the rows: ${rarest.count.toLocaleString('en')} of ${rows.toLocaleString('en')}. A model that never says ${name} is right ${percent(100 - share)} of the time.`;
  return { code: 'class-imbalance', message };
}
