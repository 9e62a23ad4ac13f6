import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const sources = ['index.html', 'package-lock.json', 'vite.config.ts', 'scripts', 'src', 'workers', 'public'];

/**
 * Serves the built page, building it first where it is missing or older than its sources.
 * @param {(line: string) => void} [say] Hears that the page is being built.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePage(say = console.log) {
  if (newestChangeMs(sources) > newestChangeMs(['dist/index.html'])) {
    say('Building the page.');
    await build({ root, logLevel: 'warn' });
  }
  const server = await preview({ root, logLevel: 'warn', preview: { open: false } });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error('The built page could not be served: the server has no local address.');
  return { url, close: () => server.close() };
}

/** @param {string[]} paths @returns {number} Milliseconds since 1970; 0 where nothing is there. */
function newestChangeMs(paths) {
  return Math.max(0, ...paths.map((path) => changeMs(join(root, path))));
}

/** @param {string} path @returns {number} */
function changeMs(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changeMs(join(path, name))));
}
