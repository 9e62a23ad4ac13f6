import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { HubSearch } from '../../workers/api/hub';
import { trainer } from '../client/trainerClient';
import { announce } from './session';

export interface HubSearchState {
  /** As typed: words, an id, or the address of a model's page. */
  text: string;
  /** The words that `found` or `error` is about. */
  asked: string;
  isPending: boolean;
  /** Stays until another search has an answer. */
  found: HubSearch | null;
  error: ErrorReport | null;
}

export const hubSearchStore = createStore<HubSearchState>(() => ({
  text: '',
  asked: '',
  isPending: false,
  found: null,
  error: null,
}));

const settleMs = 350;
const fewestLetters = 2;
let timer: ReturnType<typeof setTimeout> | undefined;
let searches = 0;

/** Searches a moment after the last letter. */
export function typeSearch(text: string): void {
  hubSearchStore.setState({ text });
  clearTimeout(timer);
  const words = wordsOf(text);
  // What is under way is about other words.
  searches += 1;
  if (words === hubSearchStore.getState().asked) {
    hubSearchStore.setState({ isPending: false });
    return;
  }
  if (words.length < fewestLetters) {
    hubSearchStore.setState({ asked: '', isPending: false, found: null, error: null });
    return;
  }
  hubSearchStore.setState({ isPending: true });
  timer = setTimeout(() => void searchNow(), settleMs);
}

/** The same words again, such as after an error. */
export async function searchNow(): Promise<void> {
  clearTimeout(timer);
  const words = wordsOf(hubSearchStore.getState().text);
  if (words.length < fewestLetters) return;
  searches += 1;
  const ticket = searches;
  hubSearchStore.setState({ isPending: true });
  try {
    const found = await trainer().searchHub(words);
    if (ticket !== searches) return;
    hubSearchStore.setState({ asked: words, found, error: null, isPending: false });
    announce(`${found.models.length} ${found.models.length === 1 ? 'model' : 'models'} named ${words}.`);
  } catch (thrown) {
    if (ticket === searches) hubSearchStore.setState({ asked: words, error: reportOf(thrown), isPending: false });
  }
}

/** A page's address stands for the model's id. */
export function wordsOf(text: string): string {
  return text
    .trim()
    .replace(/^https?:\/\/(www\.)?(huggingface\.co|hf\.co)\//, '')
    .replace(/\/(tree|blob)\/.*$/, '')
    .replace(/\s+/g, ' ')
    .slice(0, 120);
}

/** Whether the text can name one model, rather than words. */
export function isModelId(text: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)?\/?$/.test(wordsOf(text));
}
