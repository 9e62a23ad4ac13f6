import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TuneletError } from '../api/errors';
import type { PushProgress } from '../api/push';
import { HubUploads } from '../testing/hubUploads';
import { startHubServer, type HubServer } from '../testing/hubServer';
import { openAccess, type HubAccess } from './access';
import { accountOf, modelExists, pushModel, type PushedFile } from './push';
import { checkRepositoryId } from './pushErrors';

const accounts = {
  hf_mayWrite: { name: 'someone', organisations: ['our-team'], role: 'write' },
  hf_mayRead: { name: 'someone', organisations: [], role: 'read' },
} as const;

let server: HubServer | null = null;
afterEach(() => server?.close());

async function played(transfer: 'basic' | 'xet' = 'basic'): Promise<{ uploads: HubUploads; access: HubAccess }> {
  const options = { accounts, transfer, storage: '' };
  const uploads = new HubUploads(options);
  server = await startHubServer({ files: new Map([['others/old', new Uint8Array(1)]]), uploads });
  options.storage = server.endpoint;
  return { uploads, access: { ...openAccess(server.endpoint), token: 'hf_mayWrite', retryDelayMs: 1 } };
}

const weights = new Uint8Array(300_000).map((_, index) => (index * 2_654_435_761) >>> 24);
const files: PushedFile[] = [
  { name: 'README.md', blob: new Blob(['# A card\n']) },
  { name: 'adapter_model.safetensors', blob: new Blob([weights]) },
];
const target = { id: 'someone/tuned', isPrivate: true, title: 'Add the adapter' };

function push(access: HubAccess, watched: { signal?: AbortSignal; told?: PushProgress[] } = {}) {
  const { signal = new AbortController().signal, told = [] } = watched;
  return pushModel(target, files, access, { signal, onProgress: (progress) => told.push(progress) });
}

describe('pushModel', () => {
  it('makes a private repository and one commit of all files, and tells bytes', async () => {
    const { uploads, access } = await played();
    const told: PushProgress[] = [];
    const pushed = await push(access, { told });
    expect(pushed).toMatchObject({ id: 'someone/tuned', url: `${access.endpoint}/someone/tuned` });
    const repository = uploads.repositories.get('someone/tuned');
    expect(repository?.isPrivate).toBe(true);
    expect(repository?.titles).toEqual(['Add the adapter']);
    expect(Buffer.from(repository?.files.get('README.md') ?? []).toString()).toBe('# A card\n');
    expect(repository?.files.get('adapter_model.safetensors')).toEqual(Buffer.from(weights));
    expect(told.some(({ phase, doneBytes }) => phase === 'checking' && doneBytes > 0)).toBe(true);
    expect(told.at(-1)).toEqual({ phase: 'committing', doneBytes: 300_009, totalBytes: 300_009 });
  });

  it('adds a commit to a repository that exists, and leaves who may see it', async () => {
    const { uploads, access } = await played();
    await push(access);
    expect(await modelExists('someone/tuned', access)).toBe(true);
    await pushModel({ ...target, isPrivate: false, title: 'Again' }, files, access, {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(uploads.repositories.get('someone/tuned')).toMatchObject({ isPrivate: true, titles: ['Add the adapter', 'Again'] });
  });

  it('sends large files in chunks where the Hub wants them so', async () => {
    const { uploads, access } = await played('xet');
    await push(access);
    const repository = uploads.repositories.get('someone/tuned');
    expect(uploads.chunkBytes).toBeGreaterThan(1000);
    expect(repository?.oids.get('adapter_model.safetensors')).toBe(createHash('sha256').update(weights).digest('hex'));
  });

  it('sends the token to the Hub alone', async () => {
    const { access } = await played();
    await push(access);
    const withToken = server?.requests.filter(({ authorization }) => authorization !== undefined) ?? [];
    expect(withToken.length).toBeGreaterThan(3);
    expect(withToken.filter(({ path }) => path.startsWith('lfs/'))).toEqual([]);
  });

  it.each([
    ['hf_mayRead', 'hub/forbidden'],
    ['hf_unknown', 'hub/forbidden'],
  ])('refuses with the token %s by name', async (token, code) => {
    const { access } = await played();
    const thrown = await push({ ...access, token }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(TuneletError);
    expect(thrown).toMatchObject({ code });
    expect(JSON.stringify(thrown)).not.toContain(token);
  });

  it.each([
    [409, 'hub/busy'],
    [413, 'hub/too-large'],
    [503, 'hub/busy'],
    [400, 'hub/bad-response'],
  ])('says what an answer of %d to the commit means', async (status, code) => {
    const { uploads, access } = await played();
    uploads.refusedCommits.push(status);
    await expect(push(access)).rejects.toMatchObject({ code });
    expect(uploads.repositories.get('someone/tuned')?.files.size).toBe(0);
    await expect(push(access)).resolves.toMatchObject({ id: 'someone/tuned' });
  });

  it('ends where it is stopped, without a commit', async () => {
    const { uploads, access } = await played();
    const stopping = new AbortController();
    stopping.abort(new TuneletError('export/cancelled', 'Stopped.', 'Start again.'));
    await expect(push(access, { signal: stopping.signal })).rejects.toMatchObject({ code: 'export/cancelled' });
    expect(uploads.repositories.size).toBe(0);
  });

  it('says that a name is taken by a repository that the token may not see', async () => {
    const { uploads, access } = await played();
    uploads.hidden.add('someone/tuned');
    expect(await modelExists('someone/tuned', access)).toBe(false);
    await expect(push(access)).rejects.toMatchObject({ code: 'hub/forbidden', details: { access: 'name-taken' } });
  });

  it.each(['basic', 'xet'] as const)(
    'makes no commit where an upload (%s) breaks off, and goes on when asked again',
    async (way) => {
      const { uploads, access } = await played(way);
      uploads.uploadFault = 'cut';
      await expect(push(access)).rejects.toMatchObject({ code: 'hub/offline', details: { id: 'someone/tuned' } });
      expect(uploads.repositories.get('someone/tuned')?.titles).toEqual([]);
      uploads.uploadFault = null;
      await push(access);
      expect(uploads.repositories.get('someone/tuned')?.titles).toEqual(['Add the adapter']);
    },
  );

  it.each(['basic', 'xet'] as const)('ends at once where it is stopped while an upload (%s) gets no answer', async (way) => {
    const { uploads, access } = await played(way);
    uploads.uploadFault = 'silent';
    const stopping = new AbortController();
    const pushing = push(access, { signal: stopping.signal });
    await vi.waitFor(() => expect(uploads.brokenUploads).toBeGreaterThan(0));
    stopping.abort(new TuneletError('export/cancelled', 'Stopped.', 'Start again.'));
    await expect(pushing).rejects.toMatchObject({ code: 'export/cancelled' });
    expect(uploads.repositories.get('someone/tuned')?.titles).toEqual([]);
  });

  it('says that nobody answers', async () => {
    const { access } = await played();
    await server?.close();
    await expect(push(access)).rejects.toMatchObject({ code: 'hub/offline' });
  });
});

describe('accountOf', () => {
  it('tells whose token it is, and whether it may write', async () => {
    const { access } = await played();
    expect(await accountOf(access)).toEqual({ name: 'someone', organisations: ['our-team'], canWrite: true });
    expect(await accountOf({ ...access, token: 'hf_mayRead' })).toMatchObject({ canWrite: false });
    await expect(accountOf({ ...access, token: null })).rejects.toMatchObject({ details: { access: 'needs-token' } });
    await expect(accountOf({ ...access, token: 'hf_unknown' })).rejects.toMatchObject({ details: { access: 'bad-token' } });
  });
});

describe('checkRepositoryId', () => {
  it('puts the account before a bare name', () => {
    expect(checkRepositoryId(' tuned-1.0 ', 'someone')).toBe('someone/tuned-1.0');
    expect(checkRepositoryId('our-team/tuned', 'someone')).toBe('our-team/tuned');
  });
  it.each(['', 'a b', '../up', 'a/b/c', '-tuned', 'tuned.git', 'a--b', 'x'.repeat(100), '<img>'])('refuses %j', (text) => {
    expect(() => checkRepositoryId(text, 'someone')).toThrowError(TuneletError);
  });
});
