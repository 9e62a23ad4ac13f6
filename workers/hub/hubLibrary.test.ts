import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DownloadProgress } from '../api/hub';
import { DiskRoom } from '../testing/diskRoom';
import { errorOf } from '../testing/errorOf';
import { startHubServer, type HubServer, type HubServerOptions } from '../testing/hubServer';
import { openAccess } from './access';
import { HubLibrary } from './hubLibrary';

const text = (content: string) => new TextEncoder().encode(content);
const weights = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >> 3);
const sha256 = createHash('sha256').update(weights).digest('hex');
const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e';
const files = new Map([
  ['owner/name/config.json', text('{"model_type":"gpt2"}')],
  ['owner/name/tokenizer.json', text('{}')],
  ['owner/name/model.safetensors', weights],
  ['owner/name/onnx/model.onnx', text('not needed')],
  ['owner/name/model-q4_0.gguf', weights.subarray(0, 500_000)],
  ['owner/name/model-q8_0.gguf', weights.subarray(0, 900_000)],
  ['gated/name/config.json', text('{}')],
  ['gated/name/model.safetensors', weights],
]);

let room: DiskRoom;
let servers: HubServer[] = [];
beforeEach(async () => {
  room = await DiskRoom.make();
});
afterEach(async () => {
  await Promise.all([room.end(), ...servers.map((server) => server.close())]);
  servers = [];
});

async function serve(options: Partial<HubServerOptions> = {}): Promise<HubServer> {
  const server = await startHubServer({ files, gated: ['gated/name'], token: 'hf_secret', ...options });
  servers.push(server);
  return server;
}

function libraryOf(server: HubServer, onProgress: (progress: DownloadProgress) => void = () => undefined): HubLibrary {
  return new HubLibrary(room, onProgress, { ...openAccess(server.endpoint), retryDelayMs: 5 });
}

async function contentOf(library: HubLibrary, path: string): Promise<Buffer | null> {
  const opened = await (await library.open({ id: 'owner/name' })).open(path);
  return opened && Buffer.from(await new Response(opened.body).arrayBuffer());
}

const ofWeights = (server: HubServer) => server.requests.filter(({ path }) => path.endsWith('model.safetensors'));

describe('what a model takes', () => {
  test('is known before a byte of it is downloaded, over the pages of the list', async () => {
    const server = await serve({ pageLength: 3 });
    const plan = await (await libraryOf(server).open({ id: 'https://huggingface.co/owner/name' })).plan();
    expect(plan).toMatchObject({
      id: 'owner/name',
      revision: 'main',
      commit,
      file: null,
      totalBytes: 3_000_023,
      keptBytes: 0,
      otherFiles: { count: 3, sizeBytes: 1_400_010 },
      parameterCount: 5_389_056,
      licence: 'apache-2.0',
      isGated: false,
      isFromDevice: false,
      storage: { usedBytes: 0, quotaBytes: 1e9 },
    });
    expect(plan.files.map(({ path }) => path)).toEqual(['config.json', 'tokenizer.json', 'model.safetensors']);
    expect(plan.ggufFiles).toEqual([
      { path: 'model-q4_0.gguf', sizeBytes: 500_000 },
      { path: 'model-q8_0.gguf', sizeBytes: 900_000 },
    ]);
    expect(server.requests.some(({ path }) => path.includes('/resolve/'))).toBe(false);
  });

  test('one GGUF file, when it is named', async () => {
    const server = await serve();
    const plan = await (await libraryOf(server).open({ id: 'owner/name', file: 'model-q4_0.gguf' })).plan();
    expect(plan.files.map(({ path }) => path)).toEqual(['config.json', 'tokenizer.json', 'model-q4_0.gguf']);
    const error = await errorOf(libraryOf(server).open({ id: 'owner/name', file: 'model-q2.gguf' }));
    expect([error.code, error.message]).toEqual(['hub/not-found', 'owner/name on the Hub has no file model-q2.gguf.']);
  });

  test('a busy Hub is waited for; one that stays busy, or asks for long patience, says so', async () => {
    const server = await serve({ faults: { busy: { status: 503, times: 2 } } });
    expect((await libraryOf(server).open({ id: 'owner/name' })).listing.commit).toBe(commit);
    server.faults.busy = { status: 429, times: 1, retryAfter: '600' };
    const error = await errorOf(libraryOf(server).open({ id: 'owner/name' }));
    expect([error.code, error.remedy]).toEqual(['hub/busy', 'It asks to try again in 10 minutes.']);
    server.faults.busy = { status: 500, times: 100 };
    expect((await errorOf(libraryOf(server).open({ id: 'owner/name' }))).code).toBe('hub/busy');
    expect(100 - server.faults.busy.times).toBe(5);
  });

  test.each([
    [{ id: 'owner/other' }, 'hub/not-found', 'it does not exist, or it is private'],
    [{ id: 'owner/name', revision: 'v9' }, 'hub/not-found', 'no revision “v9”'],
  ])('%j', async (asked, code, words) => {
    const error = await errorOf(libraryOf(await serve()).open(asked));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });
});

describe('a download', () => {
  test('keeps all files, checked, and reads them again without the Hub', async () => {
    const server = await serve();
    const told: DownloadProgress[] = [];
    const library = libraryOf(server, (progress) => told.push(progress));
    await (await library.open({ id: 'owner/name' })).download();
    expect(told.at(-1)).toMatchObject({
      id: 'owner/name',
      file: 'model.safetensors',
      loadedBytes: 3_000_023,
      totalBytes: 3_000_023,
      isOver: true,
    });
    expect(told.map(({ isOver }) => isOver).lastIndexOf(false)).toBe(told.length - 2);
    await server.close();

    const later = await libraryOf(server).open({ id: 'owner/name' });
    expect([later.isFromDevice, (await later.plan()).keptBytes]).toEqual([true, 3_000_023]);
    expect((await contentOf(libraryOf(server), 'model.safetensors'))?.equals(weights)).toBe(true);
    expect(await contentOf(libraryOf(server), 'no such file')).toBe(null);
    expect((await errorOf(libraryOf(server).open({ id: 'owner/name', revision: 'v1' }))).code).toBe('hub/offline');
    expect((await room.list()).some(({ name }) => /part|tag|tmp/.test(name))).toBe(false);
  });

  test('cut off again and again, it goes on by itself from the last byte', async () => {
    const server = await serve({ faults: { cutAfterBytes: 700_000 } });
    const library = libraryOf(server);
    expect((await contentOf(library, 'model.safetensors'))?.equals(weights)).toBe(true);
    const asked = ofWeights(server).slice(1);
    expect(asked).toHaveLength(4);
    for (const { range, ifRange } of asked)
      expect([range, ifRange]).toEqual([expect.stringMatching(/^bytes=[1-9]\d*-$/), `"${sha256}"`]);
  });

  test('cut off for good, it is resumed later, also where If-Range may not be sent', async () => {
    const server = await serve({ faults: { cutAtByte: 1_500_000 } });
    const error = await errorOf(contentOf(libraryOf(server), 'model.safetensors'));
    expect(error.code).toBe('hub/offline');
    const { models } = await libraryOf(server).kept();
    expect(models).toMatchObject([{ id: 'owner/name', revision: 'main', commit, keptBytes: 1_500_000, totalBytes: 3_000_023 }]);
    delete server.faults.cutAtByte;
    server.faults.refusesIfRange = true;
    const before = ofWeights(server).length;
    expect((await contentOf(libraryOf(server), 'model.safetensors'))?.equals(weights)).toBe(true);
    expect(ofWeights(server).slice(before)).toMatchObject([
      { range: 'bytes=1500000-', ifRange: `"${sha256}"` },
      { range: 'bytes=1500000-', ifRange: undefined },
    ]);
  });

  test.each([{ withoutRange: true }, { tag: '"another"' }])(
    'begins anew where the server has only the whole: %o',
    async (fault) => {
      const server = await serve({ faults: { cutAtByte: 1_500_000 } });
      await errorOf(contentOf(libraryOf(server), 'model.safetensors'));
      delete server.faults.cutAtByte;
      Object.assign(server.faults, fault);
      expect((await contentOf(libraryOf(server), 'model.safetensors'))?.equals(weights)).toBe(true);
      expect(ofWeights(server).at(-1)).toMatchObject({ range: 'bytes=1500000-', ifRange: `"${sha256}"` });
    },
  );

  test('with one wrong bit is refused by name and removed, also when only the resumed rest is right', async () => {
    const server = await serve({ faults: { wrongByteAt: 1_000_000, cutAtByte: 1_500_000 } });
    await errorOf(contentOf(libraryOf(server), 'model.safetensors'));
    server.faults = Object.assign(server.faults, { cutAtByte: undefined, wrongByteAt: undefined });
    const error = await errorOf(contentOf(libraryOf(server), 'model.safetensors'));
    expect([error.code, error.details['file'], error.details['expected']]).toEqual([
      'hub/corrupted',
      'model.safetensors',
      sha256,
    ]);
    expect(error.message).toContain('model.safetensors of owner/name arrived damaged: its SHA-256 is');
    expect((await room.list()).map(({ name }) => name)).not.toContainEqual(expect.stringContaining(sha256));
    expect((await contentOf(libraryOf(server), 'model.safetensors'))?.equals(weights)).toBe(true);
  });

  test('small files are checked too', async () => {
    const changed = new Map([...files, ['owner/name/config.json', text('{"model_type":"gpt3"}')] as const]);
    const honest = await serve();
    const library = libraryOf(honest);
    const repository = await library.open({ id: 'owner/name' });
    const liar = await serve({ files: changed });
    const lied = await libraryOf(liar).open({ id: 'owner/name' });
    Object.assign(lied.listing, { files: repository.listing.files });
    const error = await errorOf(lied.open('config.json'));
    expect([error.code, error.message]).toEqual(['hub/corrupted', expect.stringContaining('its git checksum is')]);
  });

  test('is stopped by the user and keeps what came', async () => {
    const server = await serve({ faults: { bytesPerSecond: 2_000_000 } });
    const library = libraryOf(server, ({ loadedBytes }) => {
      if (loadedBytes > 300_000) void library.cancelDownloads();
    });
    const error = await errorOf((await library.open({ id: 'owner/name' })).download());
    expect([error.code, Number(error.details['keptBytes']) > 300_000]).toEqual(['hub/cancelled', true]);
    delete server.faults.bytesPerSecond;
    expect((await contentOf(libraryOf(server), 'model.safetensors'))?.equals(weights)).toBe(true);
    expect(ofWeights(server).at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('asked for twice is made once', async () => {
    const server = await serve({ faults: { bytesPerSecond: 10_000_000 } });
    const library = libraryOf(server);
    const repository = await library.open({ id: 'owner/name' });
    await Promise.all([repository.download(), repository.download(), contentOf(library, 'model.safetensors')]);
    expect(ofWeights(server)).toHaveLength(1);
  });

  test('that does not fit is refused with both figures before a byte of the weights comes', async () => {
    const server = await serve();
    room.quotaBytes = 2_000_000;
    const error = await errorOf((await libraryOf(server).open({ id: 'owner/name' })).download());
    expect([error.code, error.message]).toEqual([
      'storage/quota',
      expect.stringMatching(/^owner\/name needs 3 MB in .*, and 2 MB are left\.$/),
    ]);
    expect(ofWeights(server)).toHaveLength(0);
  });
});

describe('permissions', () => {
  test('a gated model asks for a token, then for access, and the token goes to the Hub’s host alone', async () => {
    const elsewhere = await serve();
    const server = await serve({ largeFilesAt: elsewhere.endpoint });
    const library = libraryOf(server);
    const repository = await library.open({ id: 'gated/name' });
    expect((await repository.plan()).isGated).toBe(true);
    const asked = await errorOf(repository.open('config.json'));
    expect([asked.code, asked.details['access']]).toEqual(['hub/forbidden', 'needs-token']);
    library.setToken('hf_another');
    expect((await errorOf(repository.open('config.json'))).details['access']).toBe('not-granted');
    library.setToken('hf_secret');
    await repository.download();
    expect(elsewhere.requests).toMatchObject([{ path: `large/${sha256}`, authorization: undefined }]);
    expect(server.requests.filter(({ authorization }) => authorization === 'Bearer hf_secret')).toHaveLength(2);
    for (const { name } of await room.list()) expect(await (await room.read(name))?.text()).not.toContain('hf_secret');
  });

  test.each(['', 'secret', 'hf_ä', 'hf_a b', `hf_${'x'.repeat(300)}`])('%j is no token', (token) => {
    const library = new HubLibrary(null, () => undefined);
    expect(() => library.setToken(token)).toThrow('That is not an access token');
  });
});

describe('kept models', () => {
  test('revisions share their files; deleting one leaves what another needs', async () => {
    const server = await serve();
    await (await libraryOf(server).open({ id: 'owner/name' })).download();
    const next = 'c'.repeat(40);
    const moved = await serve({
      commit: next,
      files: new Map([...files, ['owner/name/config.json', text('{"model_type":"gpt2","v":2}')] as const]),
    });
    const library = libraryOf(moved);
    await (await library.open({ id: 'owner/name' })).download();
    expect(ofWeights(moved)).toHaveLength(0);
    const both = await library.kept();
    expect(both.models.map((model) => model.commit)).toEqual([next, commit]);
    expect(both.keptBytes).toBe(3_000_023 + 27);

    await library.remove({ id: 'owner/name', commit, file: null });
    const one = await library.kept();
    expect([one.models.length, one.keptBytes]).toEqual([1, 3_000_029]);
    await library.remove({ id: 'owner/name', commit: next, file: null });
    expect(await room.list()).toEqual([]);
  });

  test('without a room every file comes from the network, the first bytes alone where they are enough', async () => {
    const server = await serve();
    const library = new HubLibrary(null, () => undefined, openAccess(server.endpoint));
    const repository = await library.open({ id: 'owner/name' });
    const opened = await repository.open('model.safetensors', { firstBytes: 100 });
    expect((await new Response(opened?.body).arrayBuffer()).byteLength).toBe(100);
    expect((await contentOf(library, 'model.safetensors'))?.equals(weights)).toBe(true);
    expect([(await repository.plan()).storage, (await library.kept()).models]).toEqual([null, []]);
  });
});
