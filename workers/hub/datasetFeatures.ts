import type { HubFeature } from '../api/hubDataset';
import { isRecord } from '../api/isRecord';

const mostFeatures = 1000;
const mostClasses = 10_000;

/**
 * Columns as the datasets library writes them: an object by column name, each with `_type` "Value" (and a `dtype`),
 * "ClassLabel" (and its `names`), "List", "Image" and so on; a nested column is an object or a list of one.
 */
export function readFeatures(features: unknown): HubFeature[] {
  if (!isRecord(features)) return [];
  return Object.entries(features)
    .slice(0, mostFeatures)
    .map(([name, feature]) => ({ name, type: typeOf(feature), classNames: classNamesOf(feature) }));
}

function typeOf(feature: unknown): string {
  if (Array.isArray(feature)) return 'list';
  if (!isRecord(feature)) return 'unknown';
  const { _type: type, dtype } = feature;
  if (type === 'Value' && typeof dtype === 'string') return dtype.slice(0, 40);
  if (type === 'ClassLabel') return 'class';
  return typeof type === 'string' ? type.slice(0, 40).toLowerCase() : 'object';
}

function classNamesOf(feature: unknown): string[] | null {
  if (!isRecord(feature) || feature['_type'] !== 'ClassLabel' || !Array.isArray(feature['names'])) return null;
  return feature['names'].slice(0, mostClasses).map((name) => String(name).slice(0, 200));
}

/** The name that stands for a cell of a column of classes; empty for -1 and null, which mean that there is no label. */
export function className(names: readonly string[], cell: string): string {
  if (cell === '' || cell === '-1') return '';
  return /^\d{1,5}$/.test(cell) ? (names[Number(cell)] ?? cell) : cell;
}

/** Whether a cell of a column of classes says that there is none. */
export function isUnlabelled(cell: unknown): boolean {
  return cell === -1 || cell === null || cell === undefined || cell === '-1' || cell === '';
}
