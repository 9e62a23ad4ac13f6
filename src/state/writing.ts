import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { GeneratedAnswer, GenerationRequest, ModelRole } from '../../workers/api/results';
import { trainer } from '../client/trainerClient';
import { announce } from './session';

/** What a model has written of its answer; `ended` is null while it writes or waits. */
export interface WritingSoFar extends Omit<GeneratedAnswer, 'ended'> {
  ended: GeneratedAnswer['ended'] | null;
}

export interface WritingState {
  isWriting: boolean;
  answers: Record<ModelRole, WritingSoFar> | null;
  error: ErrorReport | null;
}

const nothing: WritingSoFar = { text: '', tokens: 0, ended: null, elapsedMs: 0 };
const emptyWriting: WritingState = { isWriting: false, answers: null, error: null };

export const writingStore = createStore<WritingState>(() => emptyWriting);

/** The next token of one of the models. */
export function receiveWriting({ model, text, tokens, elapsedMs }: Omit<WritingSoFar, 'ended'> & { model: ModelRole }): void {
  writingStore.setState(({ answers, isWriting }) =>
    isWriting && answers ? { answers: { ...answers, [model]: { text, tokens, elapsedMs, ended: null } } } : {},
  );
}

/** Lets both models write after the same prompt. */
export async function write(request: GenerationRequest): Promise<void> {
  writingStore.setState({ isWriting: true, answers: { base: nothing, tuned: nothing }, error: null });
  try {
    const { base, tuned } = await trainer().generate(request);
    writingStore.setState({ isWriting: false, answers: { base, tuned } });
    announce('Both models have written.');
  } catch (thrown) {
    writingStore.setState({ isWriting: false, error: reportOf(thrown) });
  }
}

export async function stopWriting(): Promise<void> {
  await trainer().stopGeneration();
}

/** For a new result. */
export function clearWriting(): void {
  writingStore.setState(emptyWriting);
}
