// npm run bench -- --target browser|dawn|wasm [--quick] [--adapter software|hardware] [--only id,id] [--name latest]
// Times training steps: ours, plain TensorFlow.js' (browser) and PyTorch's with PEFT (where $PYTHON or python3 has them).
// Writes e2e/bench/results/<name>.json and .md. README.md beside this file says what the columns mean.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAll } from './runAll.mjs';
import { jobsOf } from './workloads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    target: { type: 'string', default: 'browser' },
    quick: { type: 'boolean', default: false },
    adapter: { type: 'string', default: 'software' },
    only: { type: 'string', default: '' },
    minutes: { type: 'string', default: '600' },
    name: { type: 'string', default: 'latest' },
  },
});
const { target, adapter, quick, name } = options;
if (target !== 'browser' && target !== 'dawn' && target !== 'wasm')
  throw new Error(`--target is “${target}”; say browser, dawn or wasm.`);
if (adapter !== 'software' && adapter !== 'hardware') throw new Error(`--adapter is “${adapter}”; say software or hardware.`);

const only = options.only.split(',').filter(Boolean);
const folder = join(here, 'results');
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim();
const report = await (target === 'dawn' ? onDawn() : inBrowser(target));
console.log(readFileSync(join(folder, `${name}.md`), 'utf8'));
if (report.failures.length > 0) process.exitCode = 1;

/** @param {'browser' | 'wasm'} where */
async function inBrowser(where) {
  const { openBrowser } = await import('./browserTarget.mjs');
  const browser = await openBrowser({ name: where, adapter: adapter === 'hardware' ? 'hardware' : 'software' });
  try {
    return await measured(browser);
  } finally {
    await browser.close();
  }
}

async function onDawn() {
  const { buildDawn, chooseDriver, ensureWebgpu } = await import('./buildDawn.mjs');
  const { dawnTarget } = await import('./dawnTarget.mjs');
  const outDir = mkdtempSync(join(tmpdir(), 'tunelet-bench-'));
  try {
    const webgpu = ensureWebgpu();
    chooseDriver();
    return await measured(dawnTarget({ bundle: await buildDawn(outDir), webgpu }));
  } finally {
    rmSync(outDir, { recursive: true });
  }
}

/** @param {import('./runAll.mjs').Target} where */
function measured(where) {
  const software = where.name === 'wasm' || adapter === 'software';
  const jobs = jobsOf({ target: /** @type {'browser' | 'dawn' | 'wasm'} */ (where.name), quick, software, only });
  return runAll(where, { jobs, quick, command, folder, name, minutes: Number(options.minutes) });
}
