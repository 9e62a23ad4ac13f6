import { useState } from 'react';
import { typedText, type PairNames, type TextDraft } from './typedText';
import type { GenerationRequest } from '../../../workers/api/results';

/** How tokens are chosen, as typed; by name in the field's own order. */
export const samplingFields = [
  { key: 'temperature', label: 'Temperature', name: 'temperature', whenDrawn: true },
  { key: 'topK', label: 'Top-k', name: 'top_k', whenDrawn: true },
  { key: 'topP', label: 'Top-p', name: 'top_p', whenDrawn: true },
  { key: 'repetitionPenalty', label: 'Repetition', name: 'repetition_penalty', whenDrawn: false },
  { key: 'maxNewTokens', label: 'At most', name: 'max_new_tokens', whenDrawn: false },
  { key: 'seed', label: 'Seed', name: 'seed', whenDrawn: true },
] as const;

export type SamplingKey = (typeof samplingFields)[number]['key'];

/** What the user has set for the models to write; it lives beside the panels that share it. */
export interface WritingDraft {
  text: TextDraft;
  setText: (text: TextDraft) => void;
  /** False: always the likeliest token. */
  doSample: boolean;
  setDoSample: (doSample: boolean) => void;
  drafts: Readonly<Record<SamplingKey, string>>;
  setDraft: (key: SamplingKey, text: string) => void;
}

const usual = { temperature: '0.7', topK: '50', topP: '0.9', repetitionPenalty: '1', maxNewTokens: '64', seed: '42' };

export function useWritingDraft(): WritingDraft {
  const [text, setText] = useState<TextDraft>(['', '']);
  const [doSample, setDoSample] = useState(false);
  const [drafts, setDrafts] = useState<Record<SamplingKey, string>>(usual);
  const setDraft = (key: SamplingKey, value: string) => setDrafts((before) => ({ ...before, [key]: value }));
  return { text, setText, doSample, setDoSample, drafts, setDraft };
}

/** What cannot be read as a number becomes NaN, which the trainer refuses by name. */
export function requestOf({ text, doSample, drafts }: WritingDraft, pair: PairNames | null): GenerationRequest {
  const read = (key: SamplingKey): number => (drafts[key].trim() === '' ? Number.NaN : Number(drafts[key]));
  const drawn = doSample
    ? { temperature: read('temperature'), topK: read('topK'), topP: read('topP'), seed: read('seed') }
    : { temperature: 1, topK: 0, topP: 1, seed: 0 };
  return {
    text: typedText(text, pair),
    doSample,
    ...drawn,
    repetitionPenalty: read('repetitionPenalty'),
    maxNewTokens: read('maxNewTokens'),
  };
}
