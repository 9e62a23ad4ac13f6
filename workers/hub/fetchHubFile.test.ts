import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../testing/errorOf';
import { startHubServer, type HubServer } from '../testing/hubServer';
import { openAccess } from './access';
import { fetchHubFile } from './fetchHubFile';
import { hubFileUrl, parseModelId, parseRevision } from './modelId';

const weights = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
const refuse = (status: number, code?: string) => (_: unknown, response: ServerResponse) =>
  void response.writeHead(status, code === undefined ? {} : { 'x-error-code': code }).end();

let server: HubServer;
beforeAll(async () => {
  server = await startHubServer({
    files: new Map([['owner/name/model.safetensors', weights]]),
    commit: 'c0ffee',
    answers: new Map([
      ['gated/one/config.json', refuse(401, 'GatedRepo')],
      ['gated/two/config.json', refuse(403)],
      ['no/repo/config.json', refuse(401)],
      ['no/branch/config.json', refuse(404, 'RevisionNotFound')],
      ['busy/one/config.json', refuse(429)],
      ['busy/two/config.json', refuse(503)],
      ['odd/one/config.json', refuse(418)],
      [
        'broken/one/model.safetensors',
        (_, response) => {
          response.writeHead(200, { 'content-length': 1000 });
          response.write(new Uint8Array(100), () => setTimeout(() => response.destroy(), 50));
        },
      ],
    ]),
  });
});
afterAll(() => server.close());

const file = (id: string, path = 'config.json') => ({ id, revision: 'main', path });
const get = (id: string, path?: string) => fetchHubFile(file(id, path), { access: openAccess(server.endpoint) });

test('a whole file, its size and its commit', async () => {
  const { body, sizeBytes, revision } = await get('owner/name', 'model.safetensors');
  expect([sizeBytes, revision]).toEqual([300_000, 'c0ffee']);
  expect(new Uint8Array(await new Response(body).arrayBuffer())).toEqual(weights);
});

test('the first bytes come with the size of the whole', async () => {
  const request = { access: openAccess(server.endpoint), firstBytes: 1000 };
  const { body, sizeBytes } = await fetchHubFile(file('owner/name', 'model.safetensors'), request);
  expect(sizeBytes).toBe(300_000);
  expect((await new Response(body).arrayBuffer()).byteLength).toBe(1000);
  expect(server.requests.at(-1)?.range).toBe('bytes=0-999');
});

test.each([
  ['gated/one', 'hub/forbidden', 'behind a permission'],
  ['gated/two', 'hub/forbidden', 'gated/two'],
  ['no/repo', 'hub/not-found', 'no model named no/repo'],
  ['no/branch', 'hub/not-found', 'no revision “main”'],
  ['owner/name', 'hub/not-found', 'no file config.json'],
  ['busy/one', 'hub/busy', 'answer 429'],
  ['busy/two', 'hub/busy', 'answer 503'],
  ['odd/one', 'hub/bad-response', 'answer 418'],
])('%s: %s', async (id, code, words) => {
  const error = await errorOf(get(id));
  expect([error.code, error.details['id']]).toEqual([code, id]);
  expect(error.message).toContain(words);
  expect(error.remedy).not.toBe('');
});

test('nobody listens; the connection breaks half-way', async () => {
  const other = await startHubServer({ files: new Map() });
  await other.close();
  const unreachable = await errorOf(fetchHubFile(file('owner/name'), { access: openAccess(other.endpoint) }));
  expect([unreachable.code, unreachable.message.includes('could not be reached')]).toEqual(['hub/offline', true]);
  const { body } = await get('broken/one', 'model.safetensors');
  const broken = await errorOf(new Response(body).arrayBuffer());
  expect([broken.code, broken.message.includes('broke after 100 bytes')]).toEqual(['hub/offline', true]);
});

test('an aborted request throws the reason, not a network error', async () => {
  const controller = new AbortController();
  controller.abort(new Error('another model was chosen'));
  const request = { access: openAccess(server.endpoint), signal: controller.signal };
  await expect(fetchHubFile(file('owner/name'), request)).rejects.toThrow('another model was chosen');
});

describe('names', () => {
  test.each([
    ['gpt2', 'gpt2'],
    [' openai-community/gpt2 ', 'openai-community/gpt2'],
    ['https://huggingface.co/distilbert/distilgpt2/tree/main', 'distilbert/distilgpt2'],
    ['a_b/C.d-3', 'a_b/C.d-3'],
  ])('%s', (text, id) => expect(parseModelId(text)).toBe(id));

  test.each(['', 'a/b/c', '../x', 'a/..', 'a b', 'owner/', '-x', 'x--y', 'a/b?c', 'a/b.git', 'x'.repeat(97)])(
    '%j is no model',
    (text) => expect(() => parseModelId(text)).toThrow('is not the name of a model'),
  );

  test('revisions', () => {
    expect([undefined, '', ' v1.0 ', 'refs/pr/1'].map(parseRevision)).toEqual(['main', 'main', 'v1.0', 'refs/pr/1']);
    expect(() => parseRevision('../../etc')).toThrow('is not the name of a revision');
  });

  test('odd characters of revisions and paths are escaped', () => {
    const url = hubFileUrl({ id: 'a/b', revision: 'refs/pr/1', path: 'sub/ä?.json' }, 'http://x/');
    expect(url).toBe('http://x/a/b/resolve/refs%2Fpr%2F1/sub/%C3%A4%3F.json');
  });
});
