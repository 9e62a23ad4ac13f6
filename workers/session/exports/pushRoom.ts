import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { HubAccount, PushFile, PushPlan, PushProgress, Pushed } from '../../api/push';
import type { HubAccess } from '../../hub/access';
import type { PushedFile } from '../../hub/push';
import { checkRepositoryId, readOnly } from '../../hub/pushErrors';

/** What is pushed: its files are listed at once, and made when they are sent. */
export interface PushSource {
  /** For the commit's title. */
  title: string;
  list(): PushFile[];
  make(signal: AbortSignal, onProgress: (doneBytes: number, totalBytes: number) => void): Promise<PushedFile[]>;
  /** Lets go of what `make` made. */
  end(): Promise<void>;
}

const progressMs = 100;

/** The user's way of putting a result on the Hub, with the token that was given. One push at a time. */
export class PushRoom {
  readonly #emit: (event: TrainerEvent) => void;
  readonly #access: () => Promise<() => HubAccess>;
  #pushing: AbortController | null = null;

  constructor(emit: (event: TrainerEvent) => void, access: () => Promise<() => HubAccess>) {
    this.#emit = emit;
    this.#access = access;
  }

  /** @throws TuneletError 'hub/…' */
  async account(): Promise<HubAccount> {
    const { accountOf } = await import('../../hub/push');
    return accountOf((await this.#access())());
  }

  /** @throws TuneletError 'settings/invalid' for a name that cannot be, 'hub/…' */
  async plan(repository: string, source: PushSource): Promise<PushPlan> {
    const { modelExists } = await import('../../hub/push');
    const { id, access } = await this.#target(repository);
    return { id, exists: await modelExists(id, access), files: source.list() };
  }

  /** @throws TuneletError 'session/busy', 'export/cancelled', 'settings/invalid', 'storage/quota', 'hub/…' */
  async push(repository: string, isPrivate: boolean, source: PushSource): Promise<Pushed> {
    if (this.#pushing) throw alreadyPushing();
    const pushing = new AbortController();
    this.#pushing = pushing;
    const tell = this.#paced();
    try {
      const { id, access } = await this.#target(repository);
      const { pushModel } = await import('../../hub/push');
      const { signal } = pushing;
      const files = await source.make(signal, (doneBytes, totalBytes) => tell({ phase: 'packing', doneBytes, totalBytes }));
      return await pushModel({ id, isPrivate, title: source.title }, files, access, { signal, onProgress: tell });
    } finally {
      this.#pushing = null;
      await source.end();
    }
  }

  /** Ends the push under way with 'export/cancelled'. */
  cancel(): void {
    this.#pushing?.abort(
      new TuneletError('export/cancelled', 'The push was stopped, as you asked.', 'Start it again when you like.'),
    );
  }

  async #target(repository: string): Promise<{ id: string; access: HubAccess }> {
    const { accountOf } = await import('../../hub/push');
    const access = (await this.#access())();
    const { name, canWrite } = await accountOf(access);
    if (canWrite === false) throw readOnly(name);
    return { id: checkRepositoryId(repository, name), access };
  }

  #paced(): (progress: PushProgress) => void {
    let said = { phase: '', atMs: -Infinity };
    return (progress) => {
      const nowMs = performance.now();
      if (progress.phase === said.phase && nowMs - said.atMs < progressMs && progress.doneBytes < progress.totalBytes) return;
      said = { phase: progress.phase, atMs: nowMs };
      this.#emit({ kind: 'push-progress', ...progress });
    };
  }
}

function alreadyPushing(): TuneletError {
  return new TuneletError('session/busy', 'Something is being pushed to the Hub already.', 'Wait for it, or stop it first.');
}
