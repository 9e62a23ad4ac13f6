// The engine in Node, on WebGPU by Dawn. Needs no browser and no package but `webgpu`; the bare machine runs this too.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Every call is a process of its own. `bundle`: what buildDawn.mjs built; `webgpu`: index.js of the package.
 * @param {{ bundle: string, webgpu: string }} options
 * @returns {import('./runAll.mjs').Target}
 */
export function dawnTarget({ bundle, webgpu }) {
  /** @param {string[]} words @param {unknown} [request] */
  const call = async (words, request) => {
    const folder = mkdtempSync(join(tmpdir(), 'tunelet-dawn-'));
    const output = join(folder, 'answer.json');
    try {
      writeFileSync(join(folder, 'request.json'), JSON.stringify(request ?? null));
      await runNode([bundle, ...words, join(folder, 'request.json'), output], { TUNELET_WEBGPU: webgpu });
      return JSON.parse(readFileSync(output, 'utf8'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const { version } = JSON.parse(readFileSync(join(webgpu, '../package.json'), 'utf8'));
  return {
    name: 'dawn',
    engine: 'tunelet',
    runtime: `Node ${process.version}, webgpu ${version}`,
    device: () => call(['device']),
    peak: () => call(['peak']),
    run: (request) => call(['run'], request),
  };
}

/**
 * Resolves when Node ended well.
 * @param {string[]} words
 * @param {Record<string, string>} variables
 * @returns {Promise<void>}
 */
export function runNode(words, variables) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { stdio: 'inherit', env: { ...process.env, ...variables } });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`Dawn’s process ended with ${signal ?? `code ${code}`}; its words are above.`)),
    );
  });
}
