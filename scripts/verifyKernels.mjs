// `npm run verify:kernels`: every case on every variant of every kernel, where `npm test` samples the variants on a software adapter.
// TUNELET_GPU=hardware takes the machine's GPU; arguments go to vitest.
import { spawn } from 'node:child_process';

const command = ['vitest', 'run', '--project', 'browser', 'workers/ops', ...process.argv.slice(2)];
const child = spawn(command.join(' '), { shell: true, stdio: 'inherit', env: { ...process.env, TUNELET_KERNELS: 'all' } });
child.on('close', (code) => (process.exitCode = code ?? 1));
