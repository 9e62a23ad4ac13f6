import { damaged } from './checkpointErrors';
import type { Checkpoint, JudgeState } from './checkpointState';
import type { TrainerState } from './trainerState';
import { isRecord } from '../api/isRecord';

/** An array of numbers behind the header, in this order; `records` is of float64, the others of float32. */
export interface StoredArray {
  name: 'parameters' | 'firstMoment' | 'secondMoment' | 'bestParameters' | 'records' | 'lossScale' | 'baseSaid' | 'tunedSaid';
  length: number;
}

type Scalars = Omit<TrainerState, 'parameters' | 'firstMoment' | 'secondMoment' | 'lossScale' | 'best' | 'records'>;

/** A checkpoint's JSON: everything but its numbers by the thousand. */
export type StoredHeader = Omit<Checkpoint, 'state' | 'judge'> & {
  judge: Omit<JudgeState, 'said'> & { saidStep: number | null };
  state: Scalars & { best: Omit<TrainerState['best'], 'parameters'> };
  arrays: StoredArray[];
};

/** JSON knows no infinities; a text of the user's cannot be taken for one, since texts are no objects. */
const numberKey = '$number';

export function writeHeader(header: StoredHeader): Uint8Array {
  const text = JSON.stringify(header, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? { [numberKey]: String(value) } : value,
  );
  return new TextEncoder().encode(text);
}

/** @throws TuneletError 'checkpoint/damaged' where it is not JSON */
export function parseHeader(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const header: unknown = JSON.parse(text, (_, value: unknown) =>
      isRecord(value) && typeof value[numberKey] === 'string' ? Number(value[numberKey]) : value,
    );
    return header;
  } catch {
    throw damaged('its header is not JSON');
  }
}

/**
 * Whether the parts are there that code reads without a check of its own. The checksum vouches that they are what this version of
 * Tunelet wrote; the settings are checked again before a run uses them.
 */
export function isHeader(value: unknown): value is StoredHeader {
  if (!isRecord(value)) return false;
  const { run, dataset, model, judge, state, arrays, labels, settings } = value;
  return (
    isRecord(run) &&
    hasTexts(run, 'id', 'name') &&
    isOrigin(dataset) &&
    isOrigin(model) &&
    hasTexts(value, 'layout', 'device') &&
    hasNumbers(value, 'savedAtMs', 'order', 'totalSteps') &&
    typeof value['continues'] === 'boolean' &&
    isRecord(settings) &&
    Array.isArray(labels) &&
    labels.every((label) => typeof label === 'string') &&
    isRecord(judge) &&
    Array.isArray(judge['told']) &&
    Array.isArray(judge['watched']) &&
    Array.isArray(judge['bests']) &&
    (judge['saidStep'] === null || isCount(judge['saidStep'])) &&
    isState(state) &&
    Array.isArray(arrays) &&
    arrays.every((array) => isRecord(array) && hasTexts(array, 'name') && isCount(array['length']))
  );
}

function isState(state: unknown): boolean {
  if (!isRecord(state) || !isCount(state['step']) || typeof state['stopped'] !== 'boolean') return false;
  const { best, rateHalvedAfter } = state;
  if (rateHalvedAfter !== null && !isCount(rateHalvedAfter)) return false;
  const counts = hasNumbers(state, 'skippedSteps', 'skippedInARow', 'lastEvaluated', 'tokensDone', 'elapsedMs', 'trainingMs');
  return counts && isRecord(best) && hasNumbers(best, 'merit', 'step');
}

function isOrigin(value: unknown): boolean {
  return isRecord(value) && hasTexts(value, 'name', 'fingerprint');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function hasTexts(value: Record<string, unknown>, ...names: string[]): boolean {
  return names.every((name) => typeof value[name] === 'string');
}

function hasNumbers(value: Record<string, unknown>, ...names: string[]): boolean {
  return names.every((name) => typeof value[name] === 'number');
}
