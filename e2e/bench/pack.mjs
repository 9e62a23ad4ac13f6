// node e2e/bench/pack.mjs [--python-packages peft==0.18.0,…]
// Gathers in e2e/bench/.pack all that gpu.sh needs on a Linux machine with an NVIDIA driver and Python, but without Node,
// browser or network: this Node, compressed; Dawn; the built engine; PyTorch's fixtures; a Vulkan loader. Below 60 MiB.
// --python-packages: pure Python packages that the machine lacks; they are taken along without what they depend on.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDawn, ensureWebgpu } from './buildDawn.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const pack = join(here, '.pack');
const limitBytes = 60 * 2 ** 20;
const { values: options } = parseArgs({ options: { 'python-packages': { type: 'string', default: '' } } });
if (process.platform !== 'linux')
  throw new Error('The pack carries this machine’s Node and Dawn to a Linux machine: make it on Linux.');

const node = join(pack, `node-${process.version}.xz`);
// Compressing Node takes a minute: one that is there already stays.
const kept = existsSync(node) ? readFileSync(node) : compressed(process.execPath);
rmSync(pack, { recursive: true, force: true });
mkdirSync(pack);
writeFileSync(node, kept);

const webgpu = dirname(ensureWebgpu());
const platform = `dist/linux-${process.arch}`;
for (const file of ['index.js', 'package.json', 'LICENSE.md']) cpSync(join(webgpu, file), join(pack, 'webgpu', file));
mkdirSync(join(pack, 'webgpu', platform), { recursive: true });
writeFileSync(join(pack, 'webgpu', platform, 'dawn.node.xz'), compressed(join(webgpu, platform, 'dawn.node')));

await buildDawn(join(pack, 'engine'));
writeFileSync(join(pack, 'engine/package.json'), '{ "type": "module" }\n');
for (const model of ['gpt2-tiny-cls', 'gpt2-tiny-cls-all'])
  cpSync(join(root, 'workers/testing/fixtures/reference', model), join(pack, 'fixtures', model), { recursive: true });
const scripts = ['bare.mjs', 'runAll.mjs', 'dawnTarget.mjs', 'pytorch.mjs', 'bench_pytorch.py', 'table.mjs', 'suitesTable.mjs'];
for (const file of [...scripts, 'workloads.mjs', 'lengths/lengths.json', 'gpu.sh']) cpSync(join(here, file), join(pack, file));

packLoader();
const packages = options['python-packages'].split(',').filter(Boolean);
if (packages.length > 0) {
  const python = process.env['PYTHON'] ?? 'python3';
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--target', join(pack, 'python'), ...packages]);
}

const size = sizeOf(pack);
for (const name of readdirSync(pack)) console.log(`${(sizeOf(join(pack, name)) / 2 ** 20).toFixed(2).padStart(8)} MiB  ${name}`);
console.log(`${(size / 2 ** 20).toFixed(2).padStart(8)} MiB  in all, in ${pack}`);
if (size > limitBytes) throw new Error(`The pack has ${size} bytes; a bare machine is sent at most ${limitBytes}.`);

/** libvulkan.so.1 of this machine, for machines whose driver came without a loader. */
function packLoader() {
  const listed = run('ldconfig', ['-p']).toString('utf8');
  const path = /libvulkan\.so\.1 .*=> (\S+)/.exec(listed)?.[1];
  if (!path)
    throw new Error('This machine has no libvulkan.so.1 to take along; install the package libvulkan1 (Debian, Ubuntu).');
  mkdirSync(join(pack, 'vulkan'));
  cpSync(path, join(pack, 'vulkan', basename(path)), { dereference: true });
}

/** @param {string} path */
function compressed(path) {
  return run('xz', ['-6', '-T0', '--stdout', path]);
}

/**
 * @param {string} command
 * @param {string[]} words
 */
function run(command, words) {
  const { status, stdout, error } = spawnSync(command, words, { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`“${command} ${words.join(' ')}” failed${error ? `: ${error.message}` : ''}.`);
  return stdout;
}

/** @param {string} path @returns {number} */
function sizeOf(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
