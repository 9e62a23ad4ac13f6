import { createStore } from 'zustand/vanilla';
import type { CardEdit, CardKind } from '../../workers/api/card';
import type { RunResult } from '../../workers/api/results';

export interface ModelCards {
  /** Whose cards these are. */
  result: RunResult | null;
  adapter: CardEdit;
  merged: CardEdit;
}

const none: ModelCards = { result: null, adapter: null, merged: null };

/** Model cards as the user has edited them, of the result that is shown. */
export const modelCardStore = createStore<ModelCards>(() => none);

/** Another result has other cards. */
export function showCardsOf(result: RunResult | null): void {
  if (modelCardStore.getState().result !== result) modelCardStore.setState({ ...none, result });
}

/** Null: as it is written from the run. */
export function editCard(kind: CardKind, text: CardEdit): void {
  modelCardStore.setState({ [kind]: text });
}

export function editedCard(kind: CardKind): CardEdit {
  return modelCardStore.getState()[kind];
}
