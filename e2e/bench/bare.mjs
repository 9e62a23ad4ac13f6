// On a machine with a driver and Python alone, in the folder that pack.mjs made; gpu.sh starts it. First every kernel suite
// and the parity with PyTorch's fixtures on this device, then every workload with PyTorch beside it.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dawnTarget, runNode } from './dawnTarget.mjs';
import { runAll } from './runAll.mjs';
import { suitesMarkdown } from './suitesTable.mjs';
import { jobsOf } from './workloads.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    webgpu: { type: 'string', default: join(here, 'webgpu/index.js') },
    out: { type: 'string', default: '.' },
    part: { type: 'string', default: 'all' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '600' },
    name: { type: 'string', default: 'gpu' },
  },
});
const { out, part, quick, name } = options;
if (part !== 'all' && part !== 'suites' && part !== 'bench') throw new Error(`--part is “${part}”; say all, suites or bench.`);

const paths = { bundle: join(here, 'engine/main.js'), webgpu: options.webgpu };
const command = `sh e2e/bench/gpu.sh ${process.argv.slice(6).join(' ')}`.trim();
const target = dawnTarget(paths);
const device = await target.device();
const isSoftware = /swiftshader|llvmpipe|lavapipe/i.test(device.name);
console.log(`Device: ${device.name}\nFeatures: ${device.features.join(' ')}`);

let passed = true;
if (part !== 'bench') passed = await suites();
if (part !== 'suites') {
  const only = options.only.split(',').filter(Boolean);
  const jobs = jobsOf({ target: 'dawn', quick, software: isSoftware, only });
  const report = await runAll(target, { jobs, quick, command, folder: out, name, minutes: Number(options.minutes) });
  console.log(readFileSync(join(out, `${name}.md`), 'utf8'));
  passed &&= report.failures.length === 0;
}
if (!passed) process.exitCode = 1;

/** Whether every suite and every quantity is within its bounds; writes what each gave. */
async function suites() {
  const answer = join(out, `${name}-suites.json`);
  const request = join(mkdtempSync(join(tmpdir(), 'tunelet-suites-')), 'request.json');
  writeFileSync(request, JSON.stringify({ fixtures: join(here, 'fixtures'), quick }));
  await runNode([paths.bundle, 'suites', request, answer], { TUNELET_WEBGPU: paths.webgpu });
  const result = JSON.parse(readFileSync(answer, 'utf8'));
  const { text, failures } = suitesMarkdown(result, { device: device.name, runtime: target.runtime, command });
  writeFileSync(join(out, `${name}-suites.md`), text);
  console.log(text);
  return failures === 0;
}
