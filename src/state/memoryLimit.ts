import { createStore } from 'zustand/vanilla';
import type { RunGrants } from '../../workers/api/memory';
import { recall, remember } from './remembered';

export interface MemoryLimitState {
  /** In GB, as typed; empty: none. */
  text: string;
  /** What the text says; null: no limit, also while it says nothing that can be read. */
  bytes: number | null;
  /** Why it cannot be read, with the remedy, or null. */
  problem: string | null;
}

const storageKey = 'tunelet-memory-limit';
const bytesPerGigabyte = 1e9;

export const memoryLimitStore = createStore<MemoryLimitState>(() => readMemoryLimit(recall(storageKey) ?? ''));

/** The most a run may hold, remembered on this device as far as it can be read. */
export function setMemoryLimit(text: string): void {
  const state = readMemoryLimit(text);
  memoryLimitStore.setState(state);
  if (state.problem !== null) return;
  remember(storageKey, state.bytes === null ? null : text.trim());
}

/** What a run may take now. */
export function currentGrants(): RunGrants {
  return { memoryLimitBytes: memoryLimitStore.getState().bytes };
}

/** Pure. */
export function readMemoryLimit(text: string): MemoryLimitState {
  const trimmed = text.trim();
  if (trimmed === '') return { text, bytes: null, problem: null };
  const gigabytes = Number(trimmed.replace(',', '.'));
  const isReadable = Number.isFinite(gigabytes) && gigabytes > 0;
  return {
    text,
    bytes: isReadable ? gigabytes * bytesPerGigabyte : null,
    problem: isReadable
      ? null
      : `The limit is “${trimmed}”. Enter a number of gigabytes above 0, or leave the field empty for none.`,
  };
}
