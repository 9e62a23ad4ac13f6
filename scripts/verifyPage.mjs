import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import { root } from './servePage.mjs';
/** @import { Page } from 'playwright' */

/**
 * Builds the page of checks (`e2e/verify/page`), opens it in Chromium and lets `work` drive it.
 * @template T
 * @param {(page: Page) => Promise<T>} work
 */
export async function onVerifyPage(work) {
  ensureChromium();
  const outDir = mkdtempSync(join(tmpdir(), 'tunelet-verify-'));
  const input = join(root, 'e2e/verify/page/index.html');
  const building = { outDir, emptyOutDir: true, copyPublicDir: false, rolldownOptions: { input } };
  await build({ root, logLevel: 'error', build: building });
  const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0, open: false } });
  const browser = await chromium.launch(chromiumLaunchOptions('software'));
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    page.on('pageerror', (error) => console.error(`The page reports: ${error.message}`));
    await page.goto(`${server.resolvedUrls?.local[0]}e2e/verify/page/index.html`);
    await page.waitForFunction(() => 'verify' in window);
    return await work(page);
  } finally {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  }
}
