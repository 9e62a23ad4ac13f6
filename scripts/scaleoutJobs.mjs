// Runs of train.py for `npm run verify:scaleout`, and what of them is compared.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './servePage.mjs';

/**
 * @typedef {{ accuracy: number, loss: number }} Figures
 * @typedef {{ steps: { step: number, loss: number }[], result: Figures & { tuned?: Figures } }} Log
 * What `training_log.json` tells, the tab's and train.py's.
 * @typedef {{ python: string, folder: string, output: string, processes: number, shared?: string }} Job
 * `shared`: the configuration by which the processes share the model, in the folder.
 */

/** What the programs of the environment beside requirements.txt take. */
const deepspeed = 'deepspeed==0.19.8';
const gguf = 'gguf==0.19.0';

/** @param {string} file @returns {Log} */
export function readLog(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {Log} log The tab's, or train.py's. */
export function finalOf({ result }) {
  return result.tuned ?? result;
}

/** @param {string} command @param {string[]} words */
function must(command, words) {
  const { status, error } = spawnSync(command, words, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${error?.message ?? status}.`);
}

/** @param {string} requirements @param {string} place @returns {string} A Python with what these name, made where none is given. */
export function pythonWith(requirements, place) {
  const given = process.env['TUNELET_PYTHON'];
  if (given) return given;
  must('python3', ['-m', 'venv', place]);
  const python = join(place, 'bin', 'python');
  must(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements, gguf]);
  const { status } = spawnSync(python, ['-m', 'pip', 'install', '--quiet', deepspeed], { stdio: 'inherit' });
  if (status !== 0) console.log(`${deepspeed} cannot be installed here.`);
  return python;
}

/** @param {string} python @param {string} name */
export function hasPackage(python, name) {
  const code = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';
  return spawnSync(python, ['-c', code, name]).status === 0;
}

/** What `scripts/verify_scaleout.py` answers. @param {string} python @param {string[]} words @returns {unknown} */
export function ask(python, words) {
  const { status, stdout, stderr } = spawnSync(python, [join(root, 'scripts/verify_scaleout.py'), ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`verify_scaleout.py ${words.join(' ')} ended with ${status}.\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}

const firstPort = 29_500 + (process.pid % 1000);

/**
 * Each process by a launcher of its own, as on so many machines: Accelerate starts several on one processor by MPI alone.
 * @param {Job} job
 */
function launch({ python, folder, output, processes, shared }) {
  const many = ['--num_processes', String(processes), '--main_process_port', String(firstPort)];
  const plain = ['--num_machines', '1', '--mixed_precision', 'no', '--dynamo_backend', 'no'];
  const launcher = ['-m', 'accelerate.commands.launch', '--cpu', ...many, ...plain];
  const program = shared === undefined ? launcher : [join(root, 'scripts/scaleout_shared.py'), shared];
  return Array.from({ length: processes }, (_, rank) => {
    const place = { RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: processes, LOCAL_WORLD_SIZE: processes, MASTER_PORT: firstPort };
    const env = {
      ...process.env,
      HF_HUB_OFFLINE: '1',
      // DeepSpeed builds what it needs with tools of the environment.
      PATH: `${dirname(python)}${delimiter}${process.env['PATH'] ?? ''}`,
      DS_ACCELERATOR: 'cpu',
      ...(processes > 1 ? { MASTER_ADDR: '127.0.0.1', ...mapped(place) } : {}),
    };
    const words = [...program, 'train.py', '--output', output];
    const child = spawn(python, words, { cwd: folder, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (piece) => (told = (told + piece).slice(-4000)));
    /** @type {Promise<number | null>} */
    const ended = new Promise((done) => child.on('close', done));
    return { child, ended, told: () => told };
  });
}

/** @param {Record<string, number>} numbers */
function mapped(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
}

/** @param {Job} job @returns {Promise<Log>} */
export async function train(job) {
  const started = Date.now();
  for (const { ended, told } of launch(job)) {
    const status = await ended;
    if (status !== 0) throw new Error(`train.py ended with ${status}.\n${told()}`);
  }
  console.log(`${job.output}: ${job.processes} process(es), ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return readLog(join(job.folder, job.output, 'adapter', 'training_log.json'));
}

/**
 * Kills the job with no chance to say goodbye, once a checkpoint lies past the middle.
 * @param {Job} job
 * @param {number} steps
 */
export async function killHalfWay(job, steps) {
  const output = join(job.folder, job.output);
  mkdirSync(output, { recursive: true });
  const running = launch(job);
  let isOver = false;
  void Promise.all(running.map(({ ended }) => ended)).then(() => (isOver = true));
  const reached = () => Math.max(0, ...readdirSync(output).map((name) => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? 0)));
  while (reached() < steps / 2 && !isOver) await wait(50);
  const last = reached();
  // Some steps more, which are lost.
  await wait(300);
  if (isOver) throw new Error(`train.py ended before it could be killed.\n${running.map(({ told }) => told()).join('\n')}`);
  for (const { child, ended } of running) {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
  console.log(`${job.output}: killed, with a checkpoint after step ${last} of ${steps}`);
}

/** @param {{ steps: { loss: number }[] }} first @param {{ steps: { loss: number }[] }} second @param {number} [count] Largest difference over the largest loss. */
export function lossesApart(first, second, count = Infinity) {
  if (count === Infinity && first.steps.length !== second.steps.length) return Infinity;
  const pairs = first.steps.slice(0, count).map(({ loss }, at) => [loss, second.steps[at]?.loss ?? NaN]);
  const apart = pairs.map(([a = NaN, b = NaN]) => (Number.isFinite(a - b) ? Math.abs(a - b) : Infinity));
  return Math.max(...apart) / Math.max(...pairs.map(([a = 0]) => Math.abs(a)));
}

/** Numbers of a safetensors file of float32, in its order. @param {string} file */
function numbersOf(file) {
  const bytes = readFileSync(file);
  const header = 8 + Number(bytes.readBigUInt64LE(0));
  const data = Uint8Array.from(bytes.subarray(header));
  return new Float32Array(data.buffer);
}

/** @param {string} first @param {string} second Folders that train.py wrote. */
export function adaptersApart(first, second) {
  const [a, b] = [first, second].map((folder) => numbersOf(join(folder, 'adapter', 'adapter_model.safetensors')));
  if (!a || !b || a.length !== b.length) return Infinity;
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
}
