// PyTorch and PEFT beside us: one process of bench_pytorch.py, asked workload by workload.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ device: string, torch: string, transformers: string, peft: string }} Versions
 * @typedef {{
 *   versions: Versions,
 *   run(request: object): Promise<{ rows: import('./page/measure').BenchRow[], skipped: string[] }>,
 *   close(): void,
 * }} PyTorch
 */

/**
 * Starts Python ($PYTHON, else python3). Resolves with the reason where it cannot have PyTorch, transformers and PEFT.
 * @returns {Promise<PyTorch | { reason: string }>}
 */
export async function startPyTorch() {
  const python = process.env['PYTHON'] ?? 'python3';
  const script = fileURLToPath(new URL('bench_pytorch.py', import.meta.url));
  const child = spawn(python, ['-W', 'ignore::FutureWarning', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failure = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${python} ended with code ${code}.`)));
  });
  failure.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await Promise.race([lines.next(), failure]);
    if (done) throw new Error(`${python} said nothing more.`);
    return JSON.parse(value);
  };
  /** @type {{ ready: boolean, reason?: string } & Versions} */
  let hello;
  try {
    hello = await next();
  } catch (error) {
    return { reason: `${python} does not start: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!hello.ready) return { reason: `${python} lacks what it needs: ${hello.reason}` };
  const { device, torch, transformers, peft } = hello;
  return {
    versions: { device, torch, transformers, peft },
    async run(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next();
    },
    close: () => child.stdin.end(),
  };
}
