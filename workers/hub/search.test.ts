import { afterEach, describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { startHubServer, type HubServer, type HubServerOptions } from '../testing/hubServer';
import { openAccess } from './access';
import { searchModels } from './search';

const text = (content: string) => new TextEncoder().encode(content);
const files = new Map([
  ['owner/small-talk/config.json', text('{"model_type":"llama"}')],
  ['owner/small-talk/model.safetensors', text('weights')],
  ['owner/small-talk-GGUF/small-q8_0.gguf', text('weights')],
]);
const listed = [
  {
    id: 'others/talk-phi',
    pipeline_tag: 'text-generation',
    gated: 'auto',
    tags: ['safetensors'],
    config: { model_type: 'phi3' },
    safetensors: { parameters: { BF16: 3e9, F32: 1e6 }, total: 3_001_000_000 },
    cardData: { license: 'other', license_name: 'their-own' },
  },
  {
    id: 'others/talk-packed',
    pipeline_tag: 'text-generation',
    gated: false,
    tags: ['safetensors'],
    config: { model_type: 'llama' },
    safetensors: { parameters: { U8: 7e6, F16: 1e6 }, total: 8e6 },
  },
  { id: 'others/talking-pictures', pipeline_tag: 'text-to-image', gated: false, tags: [] },
  { id: 'others/talk-nothing-told', pipeline_tag: 'text-generation' },
];

let server: HubServer | null = null;
afterEach(() => server?.close());

async function serve(options: Partial<HubServerOptions> = {}): Promise<HubServer> {
  server = await startHubServer({ files, listed, ...options });
  return server;
}

async function search(words: string): Promise<Awaited<ReturnType<typeof searchModels>>> {
  return searchModels(words, openAccess((await serve()).endpoint));
}

describe('a search of the Hub', () => {
  test('tells of each model what its owners and files say, and asks for no file', async () => {
    const found = await search('talk');
    expect(found).toEqual([
      { id: 'owner/small-talk', modelType: 'llama', format: 'safetensors', parameterCount: 5_389_056, sizeBytes: 10_778_112, packedAs: null, licence: 'apache-2.0', asksForAccess: false },
      { id: 'owner/small-talk-GGUF', modelType: null, format: 'gguf', parameterCount: null, sizeBytes: null, packedAs: null, licence: 'apache-2.0', asksForAccess: false },
      { id: 'others/talk-phi', modelType: 'phi3', format: 'safetensors', parameterCount: 3_001_000_000, sizeBytes: 6_004_000_000, packedAs: null, licence: 'their-own', asksForAccess: true },
      { id: 'others/talk-packed', modelType: 'llama', format: 'safetensors', parameterCount: 8e6, sizeBytes: null, packedAs: 'U8', licence: null, asksForAccess: false },
      { id: 'others/talk-nothing-told', modelType: null, format: null, parameterCount: null, sizeBytes: null, packedAs: null, licence: null, asksForAccess: false },
    ]); // prettier-ignore
    expect(server?.requests.map(({ path }) => path)).toEqual(['api/models']);
  });

  test('an id finds its model, whatever that makes', async () => {
    expect((await search('others/talking-pictures')).map(({ id }) => id)).toEqual(['others/talking-pictures']);
  });

  test('a busy Hub is an error at once, with what it asks for', async () => {
    const { endpoint, requests } = await serve({ faults: { busy: { status: 429, times: 5, retryAfter: '20' } } });
    const error: unknown = await searchModels('talk', openAccess(endpoint)).catch((thrown: unknown) => thrown);
    if (!(error instanceof TuneletError)) throw error;
    expect([error.code, error.message, error.remedy, requests.length]).toEqual([
      'hub/busy',
      'The Hub is busy and did not send the models named “talk” (answer 429).',
      'It asks to try again in 20 seconds.',
      1,
    ]);
  });

  test('nobody answers', async () => {
    const { endpoint, close } = await serve();
    await close();
    await expect(searchModels('talk', openAccess(endpoint))).rejects.toMatchObject({ code: 'hub/offline' });
  });

  test('an outdated one ends', async () => {
    const { endpoint } = await serve();
    const controller = new AbortController();
    const searching = searchModels('talk', openAccess(endpoint), controller.signal);
    controller.abort();
    await expect(searching).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each(['{"error":"no list"}', '[1, {"id": 5}, null]'])('an answer of another kind finds nothing: %s', async (answer) => {
    const { endpoint } = await serve({ files: new Map([['api/models', text(answer)]]), listed: [] });
    expect(await searchModels('talk', openAccess(endpoint))).toEqual([]);
  });
});
