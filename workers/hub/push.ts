import { createRepo, HubApiError, modelInfo, uploadFilesWithProgress, whoAmI } from '@huggingface/hub';
import { TuneletError } from '../api/errors';
import type { HubAccount, PushProgress, Pushed } from '../api/push';
import { unlessStopped } from '../api/unlessStopped';
import type { HubAccess } from './access';
import { blocked, nameTaken, needsToken, pushRefusal } from './pushErrors';

/** A file to push; its bytes are read when they are sent. */
export interface PushedFile {
  name: string;
  blob: Blob;
}

interface Target {
  /** "owner/name". */
  id: string;
  /** Where it does not exist yet. */
  isPrivate: boolean;
  title: string;
}

interface Watch {
  signal: AbortSignal;
  onProgress: (progress: PushProgress) => void;
}

/**
 * Whose token it is. This file brings the Hub's library, so load it only when it is needed.
 * @throws TuneletError 'hub/forbidden' without a token or with one that the Hub does not know, 'hub/…'
 */
export async function accountOf(access: HubAccess): Promise<HubAccount> {
  const accessToken = tokenOf(access);
  const known = await asked('your account', access, () => whoAmI({ accessToken, hubUrl: access.endpoint }));
  const role = known.auth.accessToken?.role;
  return {
    name: known.name,
    organisations: known.type === 'user' ? known.orgs.map(({ name }) => name) : [],
    canWrite: role === 'write' ? true : role === 'read' ? false : null,
  };
}

/** Whether there is a model of this name that the token may see. @throws TuneletError 'hub/…' */
export async function modelExists(id: string, access: HubAccess): Promise<boolean> {
  const accessToken = tokenOf(access);
  try {
    await modelInfo({ name: id, accessToken, hubUrl: access.endpoint });
    return true;
  } catch (thrown) {
    // The Hub says 401 of what it does not show; that the token is known, `accountOf` has asked.
    if (thrown instanceof HubApiError && (thrown.statusCode === 404 || thrown.statusCode === 401)) return false;
    throw refused(id, access, thrown);
  }
}

/**
 * Makes the repository where it does not exist yet, uploads the files and makes one commit of them: until that, nobody sees any.
 * @throws TuneletError 'hub/…'; the signal's reason when it aborts
 */
export async function pushModel(
  target: Target,
  files: readonly PushedFile[],
  access: HubAccess,
  { signal, onProgress }: Watch,
): Promise<Pushed> {
  const accessToken = tokenOf(access);
  const { id, isPrivate, title } = target;
  const hubUrl = access.endpoint;
  const attempt = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    signal.throwIfAborted();
    return asked(id, access, ask, signal);
  };
  if (!(await modelExists(id, access))) await attempt(() => createModel(id, isPrivate, { accessToken, hubUrl }));
  const progress = new UploadProgress(files, onProgress);
  const commit = await attempt(async () => {
    const upload = uploadFilesWithProgress({
      repo: id,
      accessToken,
      hubUrl,
      commitTitle: title,
      files: files.map(({ name, blob }) => ({ path: name, content: blob })),
      abortSignal: signal,
    });
    // The library hears of a stop between two files alone; it makes no commit after one.
    let news = await unlessStopped(upload.next(), signal);
    while (!news.done) {
      progress.hear(news.value);
      news = await unlessStopped(upload.next(), signal);
    }
    return news.value?.commit.oid;
  });
  if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) {
    throw new TuneletError(
      'hub/bad-response',
      `The Hub took the files for ${id} without naming the commit.`,
      'Look at the model’s page before you try again.',
      { id },
    );
  }
  return { id, commit, url: `${hubUrl}/${id}` };
}

async function createModel(id: string, isPrivate: boolean, hub: { accessToken: string; hubUrl: string }): Promise<void> {
  try {
    await createRepo({ ...hub, repo: id, visibility: isPrivate ? 'private' : 'public' });
  } catch (thrown) {
    if (thrown instanceof HubApiError && thrown.statusCode === 409) throw nameTaken(id);
    throw thrown;
  }
}

type Progress = ReturnType<typeof uploadFilesWithProgress> extends AsyncGenerator<infer News> ? News : never;

/** Bytes of all files together out of the shares of each. */
class UploadProgress {
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #totalBytes: number;
  readonly #shares = { hashing: new Map<string, number>(), uploading: new Map<string, number>() };
  readonly #onProgress: (progress: PushProgress) => void;

  constructor(files: readonly PushedFile[], onProgress: (progress: PushProgress) => void) {
    this.#sizes = new Map(files.map(({ name, blob }) => [name, blob.size]));
    this.#totalBytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
    this.#onProgress = onProgress;
  }

  hear(news: Progress): void {
    if (news.event === 'phase') {
      if (news.phase === 'committing') this.#tell('committing', this.#totalBytes);
    } else if (news.state !== 'error') {
      const shares = this.#shares[news.state];
      shares.set(news.path, news.progress);
      let doneBytes = 0;
      for (const [path, share] of shares) doneBytes += share * (this.#sizes.get(path) ?? 0);
      this.#tell(news.state === 'hashing' ? 'checking' : 'uploading', Math.round(doneBytes));
    }
  }

  #tell(phase: PushProgress['phase'], doneBytes: number): void {
    this.#onProgress({ phase, doneBytes, totalBytes: this.#totalBytes });
  }
}

function tokenOf({ token }: HubAccess): string {
  if (token === null) throw needsToken();
  return token;
}

async function asked<Answer>(
  what: string,
  access: HubAccess,
  ask: () => Promise<Answer>,
  signal: AbortSignal | null = null,
): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    signal?.throwIfAborted();
    throw refused(what, access, thrown);
  }
}

/** The library's errors hold what the server said, which goes into no message of ours but for its status. */
function refused(what: string, access: HubAccess, thrown: unknown): unknown {
  if (thrown instanceof TuneletError) return thrown;
  if (thrown instanceof HubApiError) return pushRefusal(what, thrown.statusCode);
  return blocked(what, access.endpoint, thrown);
}
