// Runs a list of workloads on one target, PyTorch beside it, and writes the report after each, so that a run that is cut
// short keeps what it has.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { startPyTorch } from './pytorch.mjs';
import { markdown } from './table.mjs';

/**
 * What a target offers; page/main.ts and dawn/main.ts answer it.
 * @typedef {{
 *   name: string,
 *   engine: 'tunelet' | 'wasm',
 *   runtime: string,
 *   device(): Promise<{ name: string, features: string[] }>,
 *   peak(): Promise<import('./page/peak').Peak>,
 *   run(request: import('./page/runWorkload').BenchRequest): Promise<import('./page/runWorkload').BenchAnswer>,
 * }} Target
 * @typedef {{
 *   device: string, features: string[], runtime: string, processor: string, target: string, date: string, command: string,
 *   pytorch: import('./pytorch.mjs').Versions | { reason: string },
 *   peak: import('./page/peak').Peak,
 *   rows: import('./page/measure').BenchRow[],
 *   ratios: NonNullable<import('./page/runWorkload').BenchAnswer['ratio']>[],
 *   skipped: string[],
 *   failures: string[],
 * }} Report
 */

/**
 * @param {Target} target
 * @param {{ jobs: import('./workloads.mjs').Job[], quick: boolean, command: string, folder: string, name: string, minutes: number }} options
 * @returns {Promise<Report>}
 */
export async function runAll(target, { jobs, quick, command, folder, name, minutes }) {
  const deadline = Date.now() + minutes * 60_000;
  const device = await target.device();
  console.log(`${target.name}: ${device.name}`);
  const peak = await target.peak();
  const python = await startPyTorch();
  if ('reason' in python) console.log(`Without PyTorch: ${python.reason}`);
  /** @type {Report} */
  const report = {
    device: device.name,
    features: device.features,
    runtime: target.runtime,
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    target: target.name,
    date: new Date().toISOString().slice(0, 10),
    command,
    pytorch: 'reason' in python ? python : python.versions,
    peak,
    rows: [],
    ratios: [],
    skipped: [],
    failures: [],
  };
  for (const job of jobs) {
    if (Date.now() > deadline) {
      report.skipped.push(`${job.workload.name}: the ${minutes} minutes of this run were over`);
      continue;
    }
    await runJob(target, job, report);
    if (!('reason' in python)) await runPython(python, job, quick, report);
    if (job.measuredElsewhere) report.rows.push(job.measuredElsewhere);
    save(report, folder, name);
  }
  if (!('reason' in python)) python.close();
  save(report, folder, name);
  return report;
}

/**
 * @param {Target} target
 * @param {import('./workloads.mjs').Job} job
 * @param {Report} report
 */
async function runJob(target, { workload, precisions, tfjs, steps, seconds }, report) {
  for (const precision of precisions) {
    console.log(`${workload.name}, ${precision}${tfjs && precision === precisions[0] ? ', tfjs in turn' : ''} …`);
    try {
      const { engine } = target;
      const peak = report.peak.multiplyAddsPerSecond;
      const inTurn = tfjs && precision === precisions[0];
      const answer = await target.run({ workload, engine, precision, tfjs: inTurn, peak, steps, seconds });
      report.rows.push(...answer.rows);
      if (answer.ratio) report.ratios.push(answer.ratio);
    } catch (error) {
      const message = `${workload.name}, ${precision}: ${error instanceof Error ? error.message : String(error)}`;
      console.error(message);
      report.failures.push(message);
    }
  }
}

/**
 * @param {import('./pytorch.mjs').PyTorch} python
 * @param {import('./workloads.mjs').Job} job
 * @param {boolean} quick
 * @param {Report} report
 */
async function runPython(python, { workload, steps, seconds }, quick, report) {
  console.log(`${workload.name}, PyTorch …`);
  const { rows, skipped } = await python.run({ workload, steps, seconds: Math.min(seconds, 30), quick });
  report.rows.push(...rows);
  report.failures.push(...skipped.map((reason) => `${workload.name}, ${reason}`));
}

/**
 * @param {Report} report
 * @param {string} folder
 * @param {string} name
 */
function save(report, folder, name) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.md`), markdown(report));
}
