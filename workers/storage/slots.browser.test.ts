import { wrap } from 'comlink';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installErrorTransfer } from '../api/transfer';
import type { RoomWorker } from '../testing/roomWorker';
import type { FileRoom } from './fileRoom';
import { undisputed } from './turns';
import { Slots, type SlotFormat } from './slots';

const folder = 'slots-test';
const sizeBytes = 4 << 20;

/** Every byte is the order's. */
const format: SlotFormat<number> = {
  decode: async (bytes) => {
    if (bytes.length !== sizeBytes || bytes.some((byte) => byte !== bytes[0])) throw new Error('A slot is torn.');
    return bytes[0] ?? 0;
  },
  orderOf: (content) => content,
  mostBytes: sizeBytes,
};

let worker: Worker;

/** The worker's room from here, as far as slots need it. */
async function openRoom(): Promise<FileRoom> {
  installErrorTransfer();
  worker = new Worker(new URL('../testing/roomWorker.ts', import.meta.url), { type: 'module' });
  const remote = wrap<RoomWorker>(worker);
  expect(await remote.open(folder)).toBe(true);
  return {
    list: () => remote.list(),
    read: (name) => remote.read(name),
    write: (name, bytes) => remote.write(name, bytes),
    append: () => Promise.reject(new Error('Slots are written whole.')),
    rename: (from, to) => remote.rename(from, to),
    remove: (name) => remote.remove(name),
    use: () => remote.use(),
    inTurn: (work) => work(),
    takeTurn: async () => undisputed,
  };
}

async function forget(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch(() => undefined);
}

beforeAll(forget);
afterAll(async () => {
  worker.terminate();
  await forget();
});

test('a worker killed at any moment of a writing leaves the slot before it whole', async () => {
  let acknowledged = 0;
  let order = 0;
  for (let kill = 0; kill < 8; kill++) {
    const slots = new Slots(await openRoom(), 'run', format);
    const { content, problems } = await slots.read();
    expect(problems).toEqual([]);
    expect(content ?? 0).toBeGreaterThanOrEqual(acknowledged);
    order = Math.max(order, content ?? 0) + 1;
    await slots.write(new Uint8Array(sizeBytes).fill(order));
    acknowledged = order;
    void slots.write(new Uint8Array(sizeBytes).fill(++order)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, kill * 3));
    worker.terminate();
    // The file that it held is let go of when the worker has ended.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { content } = await new Slots(await openRoom(), 'run', format).read();
  expect(content).toBeGreaterThanOrEqual(acknowledged);
}, 60_000);
