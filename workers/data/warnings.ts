import type { DatasetWarning } from '../api/dataset';
import type { MappedFiles } from './mapFiles';
import { noLabels } from './mapColumns';
import type { Table } from './table';

const mostNamed = 4;

/** What the user should know of data that can be used as they are. */
export function warningsOf(tables: readonly Table[], { mapping, labels }: MappedFiles): DatasetWarning[] {
  const read = tables.flatMap((table) => table.warnings);
  const variants = mapping.label === noLabels ? [] : labelVariants(labels);
  if (variants.length === 0) return read;
  const named = variants.slice(0, mostNamed).map((names) => names.map((name) => `“${name}”`).join(', '));
  const message = `Labels that differ in case or white space alone are classes of their own: ${named.join('; ')}.`;
  return [...read, { code: 'label-variants', message }];
}

/** Labels that a person would take for the same. */
export function labelVariants(labels: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const label of labels) {
    const key = label.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
    const group = groups.get(key);
    if (group) group.push(label);
    else groups.set(key, [label]);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}
