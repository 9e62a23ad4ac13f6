import { wrap, type Remote } from 'comlink';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installErrorTransfer } from '../api/transfer';
import type { RoomWorker } from '../testing/roomWorker';

const folder = 'room-test';
const bytes = (...values: number[]) => Uint8Array.from(values);
const workers: Worker[] = [];
let room: Remote<RoomWorker>;

async function openRoom(): Promise<Remote<RoomWorker>> {
  installErrorTransfer();
  const worker = new Worker(new URL('../testing/roomWorker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  const remote = wrap<RoomWorker>(worker);
  expect(await remote.open(folder)).toBe(true);
  return remote;
}

async function contentOf(name: string): Promise<number[] | null> {
  const blob = await room.read(name);
  return blob === null ? null : [...new Uint8Array(await blob.arrayBuffer())];
}

async function forget(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch(() => undefined);
}

beforeAll(async () => {
  await forget();
  room = await openRoom();
});
afterAll(async () => {
  for (const worker of workers) worker.terminate();
  await forget();
});

test('a written file replaces the one before it and leaves no temporary one', async () => {
  expect(await contentOf('a.json')).toBe(null);
  await room.write('a.json', bytes(1, 2, 3));
  await room.write('a.json', bytes(9));
  expect(await contentOf('a.json')).toEqual([9]);
  expect((await room.list()).map(({ name }) => name)).toEqual(['a.json']);
});

test('a file grows piece by piece, goes on after it was closed, and is renamed over another', async () => {
  expect(await room.hold('big.part')).toBe(0);
  expect(await room.append('big.part', bytes(1, 2))).toBe(2);
  expect(await room.append('big.part', bytes(3))).toBe(3);
  await room.close('big.part');
  expect(await room.hold('big.part')).toBe(3);
  expect([...(await room.readAt('big.part', 1, 10))]).toEqual([2, 3]);
  expect(await room.append('big.part', bytes(4))).toBe(4);
  await room.close('big.part');
  await room.write('big', bytes(0));
  await room.rename('big.part', 'big');
  expect(await contentOf('big')).toEqual([1, 2, 3, 4]);
  expect(await contentOf('big.part')).toBe(null);
  expect(await room.list()).toContainEqual({ name: 'big', sizeBytes: 4 });
});

test('a cleared file starts anew; a removed one is gone, also twice', async () => {
  await room.hold('c');
  await room.append('c', bytes(1, 2, 3));
  await room.clear('c');
  expect(await room.append('c', bytes(5))).toBe(1);
  await room.close('c');
  expect(await contentOf('c')).toEqual([5]);
  await room.remove('c');
  await room.remove('c');
  expect(await contentOf('c')).toBe(null);
});

test('a folder that the browser has cleared is made anew by the next file', async () => {
  await room.write('gone.json', bytes(1));
  await forget();
  expect(await room.list()).toEqual([]);
  expect(await contentOf('gone.json')).toBe(null);
  await room.remove('gone.json');
  await expect(room.rename('gone.json', 'other')).rejects.toMatchObject({ code: 'storage/unavailable' });
  await room.write('new.json', bytes(2));
  expect(await contentOf('new.json')).toEqual([2]);
});

test('what another tab writes is refused in words', async () => {
  const other = await openRoom();
  await room.hold('shared');
  await expect(other.hold('shared')).rejects.toMatchObject({ code: 'storage/busy', details: { file: 'shared' } });
  await room.close('shared');
  expect(await other.hold('shared')).toBe(0);
  await other.close('shared');
});

test('tabs that number their files give each number once', async () => {
  const other = await openRoom();
  await Promise.all([room.number('numbered', 12), other.number('numbered', 12)]);
  const names = (await room.list()).map(({ name }) => name).filter((name) => name.startsWith('numbered '));
  expect(names).toHaveLength(24);
  for (const name of names) await room.remove(name);
});

test('a turn that another tab takes is lost at once, and free when it ends', async () => {
  const other = await openRoom();
  await room.takeTurn();
  expect(await room.hasTurn()).toBe(true);
  await other.takeTurn();
  expect([await room.hasTurn(), await other.hasTurn()]).toEqual([false, true]);
  await other.endTurn();
  expect(await other.hasTurn()).toBe(false);
});

test('who takes a turn sees what is being written, and nothing is written after', async () => {
  const other = await openRoom();
  await room.takeTurn();
  const writing = room.writeInTurn('late', Uint8Array.of(1), 400);
  await expect
    .poll(() => navigator.locks.query().then(({ held }) => held?.some(({ name }) => name?.endsWith('-writing'))))
    .toBe(true);
  const after = room.writeInTurn('late', Uint8Array.of(2), 0);
  await other.takeTurn();
  const seen = await other.read('late');
  expect(new Uint8Array((await seen?.arrayBuffer()) ?? [])).toEqual(Uint8Array.of(1));
  expect(await Promise.all([writing, after])).toEqual([true, false]);
  await other.endTurn();
  await room.remove('late');
});

test('what the browser grants, and how much of it is used', async () => {
  const before = await room.use();
  expect(before.quotaBytes).toBeGreaterThan(before.usedBytes);
  const elapsedMs = await room.timeWriting('wide', 32);
  console.info(`OPFS takes ${Math.round((32 * 1048.576) / elapsedMs)} MB/s.`);
  expect((await room.use()).usedBytes).toBeGreaterThanOrEqual(before.usedBytes + 32 * 2 ** 20);
  await room.remove('wide');
});
