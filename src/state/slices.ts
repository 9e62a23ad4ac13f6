import { createStore } from 'zustand/vanilla';
import type { JudgedBy } from '../../workers/api/results';
import type { SliceQuery, SliceRule, WordBands } from '../../workers/api/slices';

/** How the user slices results; it stays from one result to the next, so that they can be compared. */
export interface SlicesState {
  /** Null: the default. */
  bands: WordBands | null;
  rules: readonly SliceRule[];
}

export const slicesStore = createStore<SlicesState>(() => ({ bands: null, rules: [] }));

export function setBands(bands: WordBands | null): void {
  slicesStore.setState({ bands });
}

/** The same rule twice is one. */
export function addRule(rule: SliceRule): void {
  slicesStore.setState(({ rules }) => ({ rules: [...rules.filter((each) => !isSame(each, rule)), rule] }));
}

export function removeRule(rule: SliceRule): void {
  slicesStore.setState(({ rules }) => ({ rules: rules.filter((each) => !isSame(each, rule)) }));
}

/** What the files of a result tell: the user's slices by every column. */
export function allSlices(judgedBy: JudgedBy = 'likelihood'): SliceQuery {
  return { judgedBy, ...slicesStore.getState(), columns: 'all' };
}

function isSame(first: SliceRule, second: SliceRule): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}
