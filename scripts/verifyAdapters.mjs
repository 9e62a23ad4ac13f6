// `npm run verify:adapters`: trains the adapter of every fixture as PyTorch did, exports it as a user's download is, and has
// PEFT judge it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { root } from './servePage.mjs';

const usage = `npm run verify:adapters -- [options]

Trains the adapters of the fixtures on the processor, writes them as downloads are and checks each.

  --check FILE     a Python program that is called as FILE BASE_DIR ADAPTER_DIR --batch FILE --expect LOGITS --tol N, ends
                   with 0 where PEFT loads the adapter and gives those logits of that batch, and prints one JSON object; without it they are only written
  --only NAME      one fixture
  --python FILE    a Python with torch, transformers and peft (python3)
  --out DIR        keep the adapters here, each in a folder of its own`;

// Of logits of up to 30.
const logitTolerance = 1e-4;

const { values } = parseArgs({
  options: {
    check: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const fixtures = join(root, 'workers/testing/fixtures/reference');

/**
 * Writes an adapter and what it is to be compared with.
 * @param {import('../workers/testing/adapterExports').AdapterExample} example
 * @param {string} folder
 */
function write({ name, files, logits }, folder) {
  const adapter = join(folder, name);
  mkdirSync(adapter, { recursive: true });
  for (const [file, bytes] of files) writeFileSync(join(adapter, file), bytes);
  const expected = join(folder, `${name}.logits.safetensors`);
  writeFileSync(expected, logits);
  return { adapter, expected };
}

/**
 * @param {string} program
 * @param {{ base: string, batch: string, adapter: string, expected: string }} paths
 * @returns {{ ok: boolean, words: string }}
 */
function judge(program, { base, batch, adapter, expected }) {
  const words = [program, base, adapter, '--batch', batch, '--expect', expected, '--tol', String(logitTolerance)];
  const { status, stdout, stderr, error } = spawnSync(values.python, words, { encoding: 'utf8' });
  if (error) return { ok: false, words: error.message };
  if (status === null || !stdout.trim().startsWith('{')) return { ok: false, words: stderr.slice(-500) };
  const { problems, max_abs_difference: off, merge_max_abs_difference: merged, adapter: read } = JSON.parse(stdout);
  if (status !== 0) return { ok: false, words: problems.join('; ') };
  return { ok: true, words: `logits ${off.toExponential(1)} off, merged ${merged.toExponential(1)}; ${JSON.stringify(read)}` };
}

async function verify() {
  const kept = values.out;
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'tunelet-adapters-'));
  /** @type {{ module: typeof import('../workers/testing/adapterExports') }} */
  const { module } = await runnerImport(join(root, 'workers/testing/adapterExports.ts'), {
    root,
    configFile: false,
    logLevel: 'error',
  });
  let failed = 0;
  try {
    for (const name of module.exampleNames.filter((one) => values.only === undefined || values.only === one)) {
      const read = async (/** @type {string} */ file) => new Uint8Array(readFileSync(join(fixtures, name, file)));
      const example = await module.exportExample(name, read);
      const { adapter, expected } = write(example, folder);
      if (values.check === undefined) {
        console.log(`${name}: ${adapter}`);
        continue;
      }
      const { ok, words } = judge(values.check, {
        base: join(fixtures, example.base),
        batch: join(fixtures, name, 'batch.safetensors'),
        adapter,
        expected,
      });
      console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}: ${words}`);
      if (!ok) failed += 1;
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true });
  }
  if (failed > 0) throw new Error(`${failed} of the adapters failed.`);
}

if (values.help || (values.check === undefined && values.out === undefined)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await verify().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
