// `npm test`: every check in order, then one line with the sum of the tests. `npm test -- unit e2e` runs only those named.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const resultsFolder = 'test-results';

/**
 * @typedef {{
 *   name: string,
 *   command: string,
 *   minutes: number,
 *   needs?: string[],
 *   results?: { file: string, count: (results: Results) => { passed: number, failed: number } },
 * }} Stage
 * @typedef {{
 *   numPassedTests?: number, numFailedTests?: number,
 *   stats?: { expected: number, flaky: number, unexpected: number },
 * }} Results What vitest and Playwright write; only the fields read here.
 */

/** @type {Stage[]} */
const stages = [
  { name: 'chromium', command: 'node scripts/findChromium.mjs --install', minutes: 5 },
  { name: 'format', command: 'prettier --check .', minutes: 2 },
  { name: 'types', command: 'tsc -p .', minutes: 2 },
  { name: 'lint', command: 'oxlint --type-aware', minutes: 2 },
  vitestStage('unit', 'node', 5, []),
  vitestStage('kernels', 'browser', 10, ['chromium']),
  { name: 'build', command: 'vite build', minutes: 3 },
  playwrightStage('e2e', 'playwright test', 12),
  playwrightStage('faults', 'playwright test -c e2e/faults/faults.config.ts', 8),
];

/**
 * @param {string} name
 * @param {'node' | 'browser'} project
 * @param {number} minutes
 * @param {string[]} needs
 * @returns {Stage}
 */
function vitestStage(name, project, minutes, needs) {
  const file = `${resultsFolder}/${name}.json`;
  return {
    name,
    command: `vitest run --project ${project} --reporter=default --reporter=json --outputFile.json=${file}`,
    minutes,
    needs,
    results: { file, count: (json) => ({ passed: json.numPassedTests ?? 0, failed: json.numFailedTests ?? 0 }) },
  };
}

/**
 * Journeys on the built page.
 * @param {string} name
 * @param {string} command
 * @param {number} minutes
 * @returns {Stage}
 */
function playwrightStage(name, command, minutes) {
  return {
    name,
    command,
    minutes,
    needs: ['chromium', 'build'],
    results: {
      file: `${resultsFolder}/${name}.json`,
      count: ({ stats }) => ({ passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0), failed: stats?.unexpected ?? 0 }),
    },
  };
}

/**
 * Runs one stage to its end, or to its time limit.
 * @param {Stage} stage
 * @returns {Promise<{ passed: number, failed: number }>} A stage that fails without a failed test counts as one.
 */
async function run(stage) {
  console.log(`\n— ${stage.name}: ${stage.command}`);
  if (stage.results) rmSync(stage.results.file, { force: true });
  const startedMs = Date.now();
  const succeeded = await succeeds(stage);
  const counted = counts(stage);
  console.log(`— ${stage.name} ${succeeded ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  return succeeded ? counted : { passed: counted.passed, failed: Math.max(1, counted.failed) };
}

/** @param {Stage} stage @returns {Promise<boolean>} */
function succeeds(stage) {
  return new Promise((resolve) => {
    // A group of its own on POSIX, so that a stage past its limit ends together with its servers and browsers.
    const isPosix = process.platform !== 'win32';
    const child = spawn(stage.command, { shell: true, stdio: ['ignore', 'inherit', 'inherit'], detached: isPosix });
    const limit = setTimeout(() => {
      console.error(`${stage.name} is not done after ${stage.minutes} minutes; ending it.`);
      endGroup('SIGKILL');
    }, stage.minutes * 60_000);
    const interrupt = () => {
      endGroup('SIGTERM');
      process.exit(130);
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    child.on('close', (code) => {
      clearTimeout(limit);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve(code === 0);
    });

    /** @param {NodeJS.Signals} signal */
    function endGroup(signal) {
      if (child.pid !== undefined && isPosix) process.kill(-child.pid, signal);
      else child.kill(signal);
    }
  });
}

/** @param {Stage} stage */
function counts(stage) {
  if (!stage.results) return { passed: 0, failed: 0 };
  try {
    return stage.results.count(JSON.parse(readFileSync(stage.results.file, 'utf8')));
  } catch {
    // It ended before it wrote its results, which its exit code says too.
    return { passed: 0, failed: 1 };
  }
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !stages.some((stage) => stage.name === name));
if (unknown !== undefined) {
  console.error(`There is no stage “${unknown}”. The stages are ${stages.map((stage) => stage.name).join(', ')}.`);
  process.exit(2);
}

mkdirSync(resultsFolder, { recursive: true });
const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const failedStages = [];
for (const stage of stages) {
  if (asked.length > 0 && !asked.includes(stage.name)) continue;
  const missing = stage.needs?.find((name) => failedStages.includes(name));
  if (missing !== undefined) console.log(`\n— ${stage.name} cannot run because ${missing} failed`);
  const { passed, failed } = missing === undefined ? await run(stage) : { passed: 0, failed: 1 };
  total.passed += passed;
  total.failed += failed;
  if (failed > 0) failedStages.push(stage.name);
}

console.log(failedStages.length > 0 ? `\nFailed: ${failedStages.join(', ')}` : '\nEvery check passed.');
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
