// The engine in Chromium, built as users get it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { chromiumArguments, ensureChromium } from '../../scripts/findChromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

/**
 * Every call gets a page of its own, so that one workload's buffers never count as another's.
 * @param {{ name: 'browser' | 'wasm', adapter: 'software' | 'hardware' }} options
 * @returns {Promise<import('./runAll.mjs').Target & { close(): Promise<void> }>}
 */
export async function openBrowser({ name, adapter }) {
  const outDir = mkdtempSync(join(tmpdir(), 'tunelet-bench-'));
  const input = join(here, 'page/index.html');
  // A development server would reload the page when it first meets a dependency.
  await build({
    root,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, copyPublicDir: false, rolldownOptions: { input } },
  });
  const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
  // Without it timestamps are rounded to a tenth of a millisecond.
  const args = [...chromiumArguments(adapter), '--disable-dawn-features=timestamp_quantization'];
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: ['--headless=new', ...args], headless: false });
  const engine = name === 'wasm' ? /** @type {const} */ ('wasm') : /** @type {const} */ ('tunelet');

  /**
   * @template T
   * @param {(page: import('playwright').Page) => Promise<T>} work
   */
  const onPage = async (work) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(`${server.resolvedUrls?.local[0]}e2e/bench/page/index.html`);
    await page.waitForFunction(() => 'bench' in window);
    try {
      return await work(page);
    } finally {
      await page.close();
    }
  };
  return {
    name,
    engine,
    runtime: `Chromium ${browser.version()}`,
    device: () => onPage((page) => page.evaluate((wanted) => window.bench.device(wanted), engine)),
    peak: () => onPage((page) => page.evaluate((wanted) => window.bench.peak(wanted), engine)),
    run: (request) => onPage((page) => page.evaluate((wanted) => window.bench.run(wanted), request)),
    async close() {
      await browser.close();
      await server.close();
      rmSync(outDir, { recursive: true });
    },
  };
}
