import type { SkipReason } from '../../api/dataset';
import { limits } from '../limits';

const QUOTE = 34;
const BACKSLASH = 92;

/** The row's values by column, or why it is none. */
export type JsonRow = ReadonlyMap<string, string> | SkipReason;

/**
 * Reads one JSON object as a row: names and values that are texts, numbers or truth values, with those of inner objects under paths such
 * as "review.text". Lists are no columns; null is an empty value.
 */
export function jsonRow(text: string): JsonRow {
  if (isDeeper(text, limits.nesting)) return 'nested-too-deep';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'broken-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'broken-json';
  const row = new Map<string, string>();
  return addMembers(row, value, '') ? row : 'number-too-large';
}

/** A value that stands alone in a list, empty for null; null where it is a list, an object or no JSON. */
export function jsonScalar(text: string): string | null {
  if (/^\s*[{[]/.test(text)) return null;
  try {
    return scalar(JSON.parse(text)) ?? '';
  } catch {
    return null;
  }
}

function addMembers(row: Map<string, string>, object: object, path: string): boolean {
  for (const [name, value] of Object.entries(object)) {
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value) && !addMembers(row, value, `${path}${name}.`)) return false;
      continue;
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return false;
    row.set(path + name, scalar(value) ?? '');
  }
  return true;
}

function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isFinite(value) ? String(value) : null;
}

/** Whether objects and lists lie deeper in each other than `limit`, without building anything. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
}

/** The place of the closing quotation mark, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ;) {
    const end = text.indexOf('"', at);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
}
