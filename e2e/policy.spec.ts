// What the policy must stop is tried here.
// oxlint-disable no-eval, typescript/no-implied-eval, no-restricted-properties
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page, Worker } from '@playwright/test';
import { takeSample } from '../scripts/driveData.mjs';
import { hook, openPage, startRun, waitForEnd } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { startSink, type Sink } from './sink';
import { expect, test } from './support';

const built = fileURLToPath(new URL('../dist/', import.meta.url));

test.describe('what the browser blocks', () => {
  test.use({ expectedProblems: /Content Security Policy|Trusted|127\.0\.0\.1/ });
  let sink: Sink;
  test.beforeEach(async () => {
    sink = await startSink();
  });
  test.afterEach(() => sink.close());

  test('every way from the page to another host', async ({ page }) => {
    await openPage(page, '?device=wasm');
    const blocked = await page.evaluate(tryEveryWay, sink.origin);
    expect(blocked).toEqual({
      fetch: 'connect-src',
      request: 'connect-src',
      socket: 'connect-src',
      events: 'connect-src',
      beacon: 'connect-src',
      image: 'img-src',
      frame: 'frame-src',
      style: 'style-src-elem',
      form: 'form-action',
    });
    expect(sink.heard).toEqual([]);
  });

  test('every way from the worker to another host', async ({ page }) => {
    await openPage(page, '?device=wasm');
    const blocked = await (await trainerOf(page)).evaluate(tryEveryWay, sink.origin);
    expect(blocked).toEqual({
      fetch: 'connect-src',
      request: 'connect-src',
      socket: 'connect-src',
      events: 'connect-src',
      script: 'script-src-elem',
    });
    expect(sink.heard).toEqual([]);
  });

  test('text as code: evaluated, written into the page, or as a worker of its own', async ({ page }) => {
    await openPage(page, '?device=wasm');
    expect(await page.evaluate(tryCodeOnPage)).toEqual({
      eval: 'EvalError',
      function: 'EvalError',
      timer: 'none ran',
      markup: 'TypeError',
      inline: 'TypeError',
      handler: 'TypeError',
      worker: 'TypeError',
      policy: 'TypeError',
    });
    const worker = await trainerOf(page);
    expect(await worker.evaluate(tryCodeInWorker)).toEqual({ eval: 'EvalError', function: 'EvalError', wasm: 'compiled' });
  });

  test('a host that sends no headers: the meta element covers the page, and the page says that it covers no more', async ({
    page,
  }) => {
    const host = await startPlainHost();
    await page.goto(host.address);
    await takeSample(page);
    await hook(page, 'privacy').click();
    await expect(hook(page, 'enforcement')).toContainText('For the worker that computes it does not');
    const failed = (address: string) => fetch(address).then(() => 'answered', String);
    expect(await page.evaluate(failed, sink.origin)).toContain('TypeError');
    expect(sink.heard).toEqual([]);
    await host.close();
  });
});

test('TensorFlow.js trains under the worker’s policy, on all its threads', async ({ page }) => {
  await pretendNoSimd(page);
  await openPage(page, '?device=wasm');
  await takeSample(page);
  for (const [name, value] of Object.entries({ max_steps: '2', eval_steps: '0', per_device_train_batch_size: '4' })) {
    await changeSetting(page, name, value);
  }
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const started = await (await trainerOf(page)).evaluate(() => Number(Reflect.get(globalThis, 'threadsHeard')));
  expect(started, 'threads that started from a blob and answered').toBeGreaterThan(0);
});

async function trainerOf(page: Page): Promise<Worker> {
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  const found = page.workers().find((worker) => worker.url().includes('trainer.worker'));
  if (!found)
    throw new Error(
      `None of the page's workers is the trainer: ${page
        .workers()
        .map((worker) => worker.url())
        .join(', ')}`,
    );
  return found;
}

/** The directive that stopped each attempt, or what became of it. Runs in the page and in the worker, so all it needs stands in it. */
async function tryEveryWay(origin: string): Promise<Record<string, string>> {
  const directives: Record<string, string> = {};
  addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
    // Of a frame the browser tells the origin alone.
    const name = /[?&]try=(\w+)/.exec(blockedURI)?.[1] ?? (effectiveDirective === 'frame-src' ? 'frame' : undefined);
    if (name !== undefined) directives[name] = effectiveDirective;
  });
  const to = (name: string) => `${origin}/?try=${name}`;
  const everywhere: Record<string, () => unknown> = {
    fetch: () => fetch(to('fetch'), { method: 'POST', body: 'a text' }).catch(() => {}),
    request: () => {
      const request = new XMLHttpRequest();
      request.open('POST', to('request'));
      request.send('a text');
    },
    socket: () => new WebSocket(to('socket').replace('http', 'ws')),
    events: () => new EventSource(to('events')),
  };
  const inPage: Record<string, () => unknown> = {
    beacon: () => navigator.sendBeacon(to('beacon'), 'a text'),
    image: () => Object.assign(new Image(), { src: to('image') }),
    frame: () => document.body.append(Object.assign(document.createElement('iframe'), { src: to('frame') })),
    style: () => document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: to('style') })),
    form: () => {
      const form = Object.assign(document.createElement('form'), { action: to('form'), method: 'post' });
      document.body.append(form);
      form.submit();
    },
  };
  const inWorker: Record<string, () => unknown> = { script: () => import(to('script')).catch(() => {}) };
  const attempts = { ...everywhere, ...(typeof document === 'undefined' ? inWorker : inPage) };
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
    } catch (error) {
      directives[name] ??= String(error);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  return directives;
}

/** What each attempt threw. Runs in the page; what DevTools itself calls may evaluate, so it first lets go of that call. */
async function tryCodeOnPage(): Promise<Record<string, string>> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  let ran = 0;
  Object.assign(globalThis, { countRun: () => (ran += 1) });
  const attempts: Record<string, () => unknown> = {
    eval: () => globalThis.eval('countRun()'),
    function: () => new Function('countRun()')(),
    timer: () => setTimeout('countRun()' as unknown as () => void),
    markup: () => (document.createElement('div').innerHTML = '<b>text</b>'),
    inline: () => (document.createElement('script').textContent = 'countRun()'),
    handler: () => document.createElement('img').setAttribute('onerror', 'countRun()'),
    worker: () => new Worker(URL.createObjectURL(new Blob(['']))),
    policy: () => globalThis.trustedTypes?.createPolicy('another', { createScriptURL: () => '' }),
  };
  const thrown: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      attempt();
      thrown[name] = 'nothing thrown';
    } catch (error) {
      thrown[name] = error instanceof Error ? error.name : String(error);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (thrown['timer'] === 'nothing thrown' || ran === 0) thrown['timer'] = ran === 0 ? 'none ran' : `${ran} ran`;
  return thrown;
}

async function tryCodeInWorker(): Promise<Record<string, string>> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  const attempts: Record<string, () => unknown> = {
    eval: () => globalThis.eval('1'),
    function: () => new Function('return 1')(),
  };
  const outcome: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      attempt();
      outcome[name] = 'ran';
    } catch (error) {
      outcome[name] = error instanceof Error ? error.name : String(error);
    }
  }
  await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  return { ...outcome, wasm: 'compiled' };
}

/**
 * The trainer finds no SIMD for its own executor, so that TensorFlow.js computes, which looks for SIMD by a shorter module. Counts the
 * workers made from blobs that were heard.
 */
async function pretendNoSimd(page: Page): Promise<void> {
  const before = `
    const validate = WebAssembly.validate.bind(WebAssembly);
    WebAssembly.validate = (bytes) => bytes.byteLength < 64 && validate(bytes);
    globalThis.threadsHeard = 0;
    globalThis.Worker = class extends Worker {
      constructor(address, options) {
        super(address, options);
        if (String(address).startsWith('blob:')) this.addEventListener('message', () => (globalThis.threadsHeard += 1), { once: true });
      }
    };`;
  await page.route(/\/assets\/trainer\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: before + (await response.text()) });
  });
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** Serves the built page as a host does that sends no header of ours. */
async function startPlainHost(): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(built, path === '/' ? 'index.html' : path);
    readFile(file).then(
      (bytes) => response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream').end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { address: `http://localhost:${(server.address() as AddressInfo).port}/`, close };
}
