import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { HubAccount, PushContent, Pushed, PushPlan, PushProgress } from '../../workers/api/push';
import { trainer } from '../client/trainerClient';
import { editedCard, modelCardStore } from './modelCards';
import { announce } from './session';
import { allSlices } from './slices';

/** A push to the Hub from the account that was asked for to the link. */
export interface PushState {
  /** Null until the Hub has said whose token it is. */
  account: HubAccount | null;
  plan: PushPlan | null;
  /** Asking who, and what would happen. */
  isAsking: boolean;
  progress: PushProgress | null;
  isPushing: boolean;
  pushed: Pushed | null;
  error: ErrorReport | null;
}

/** What the user chose. */
export interface PushWish {
  content: PushContent;
  repository: string;
  isPrivate: boolean;
}

const nothing: PushState = {
  account: null,
  plan: null,
  isAsking: false,
  progress: null,
  isPushing: false,
  pushed: null,
  error: null,
};

export const pushStore = createStore<PushState>(() => nothing);

export function receivePush({ phase, doneBytes, totalBytes }: PushProgress): void {
  pushStore.setState({ progress: { phase, doneBytes, totalBytes } });
}

/** With another token it is another account; a push under way ends as whose it began. */
export function forgetAccount(): void {
  if (!pushStore.getState().isPushing) pushStore.setState(nothing);
}

/** A changed wish has another plan, and nothing of it is pushed yet. */
export function forgetPlan(): void {
  pushStore.setState({ plan: null, pushed: null, error: null });
}

export async function askAccount(): Promise<void> {
  await asking(async () => ({ account: await trainer().hubAccount() }));
}

/** Looks up what a push would do; nothing is sent. */
export async function planPush(wish: PushWish): Promise<void> {
  await asking(async () => ({ plan: await trainer().planPush(orderOf(wish)) }));
}

export async function push(wish: PushWish): Promise<void> {
  pushStore.setState({ isPushing: true, progress: null, error: null });
  try {
    const pushed = await trainer().push(orderOf(wish));
    pushStore.setState({ pushed, plan: null });
    announce(`${pushed.id} is on the Hub.`);
  } catch (thrown) {
    const error = reportOf(thrown);
    // Whoever pressed Stop knows.
    if (error.code !== 'export/cancelled') pushStore.setState({ error });
    announce(error.message);
  } finally {
    pushStore.setState({ isPushing: false, progress: null });
  }
}

export async function stopPush(): Promise<void> {
  await trainer().cancelPush();
}

async function asking(ask: () => Promise<Partial<PushState>>): Promise<void> {
  pushStore.setState({ isAsking: true, error: null });
  try {
    pushStore.setState(await ask());
  } catch (thrown) {
    pushStore.setState({ error: reportOf(thrown) });
  } finally {
    pushStore.setState({ isAsking: false });
  }
}

// What was planned or pushed was another result's.
modelCardStore.subscribe(({ result }, before) => {
  if (result !== before.result) forgetPlan();
});

function orderOf({ content, repository, isPrivate }: PushWish) {
  return {
    content,
    id: repository,
    isPrivate,
    card: content.what === 'gguf' ? null : editedCard(content.what),
    slices: allSlices(),
  };
}
