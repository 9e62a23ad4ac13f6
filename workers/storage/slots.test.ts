import { afterEach, describe, expect, it } from 'vitest';
import { TuneletError } from '../api/errors';
import { DiskRoom } from '../testing/diskRoom';
import type { FileRoom } from './fileRoom';
import { MemoryRoom } from './memoryRoom';
import { Slots, type SlotFormat } from './slots';

/** Two equal numbers: the order, written twice. */
const format: SlotFormat<number> = {
  decode: async (bytes) => {
    if (bytes.length !== 2 || bytes[0] !== bytes[1]) throw new TuneletError('checkpoint/damaged', 'Torn.', 'None.');
    return bytes[0] ?? 0;
  },
  orderOf: (content) => content,
  mostBytes: 2,
};
const bytes = (order: number) => Uint8Array.of(order, order);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const rooms: Record<string, () => Promise<FileRoom>> = {
  memory: async () => new MemoryRoom(1e6),
  disk: async () => {
    const room = await DiskRoom.make();
    ends.push(() => room.end());
    return room;
  },
};

describe.each(Object.keys(rooms))('slots in a room on %s', (kind) => {
  it('keep the last two in turn, also for who opens them anew', async () => {
    const room = await rooms[kind]!();
    const slots = new Slots(room, 'run', format);
    expect(await slots.read()).toEqual({ content: null, problems: [] });
    for (const order of [1, 2, 3]) await slots.write(bytes(order));
    expect(await slots.read()).toEqual({ content: 3, problems: [] });
    await new Slots(room, 'run', format).write(bytes(4));
    expect((await room.list()).map(({ name }) => name).toSorted()).toEqual(['run.0', 'run.1']);
    const held = await Promise.all(['run.0', 'run.1'].map(async (name) => (await (await room.read(name))!.bytes())[0]));
    expect(new Set(held)).toEqual(new Set([3, 4]));
    expect(await Slots.names(room)).toEqual(['run']);
    await slots.remove();
    expect(await slots.read()).toEqual({ content: null, problems: [] });
    expect(await room.list()).toEqual([]);
  });

  it('give the one before where the newest is damaged, say so, and write over the damaged one', async () => {
    const room = await rooms[kind]!();
    const slots = new Slots(room, 'run', format);
    for (const order of [1, 2]) await slots.write(bytes(order));
    const [newest] = await newestOf(room, 2);
    await room.write(newest!, Uint8Array.of(2, 7));
    const again = new Slots(room, 'run', format);
    expect(await again.read()).toMatchObject({ content: 1, problems: [{ code: 'checkpoint/damaged' }] });
    await again.write(bytes(3));
    expect(await again.read()).toEqual({ content: 3, problems: [] });
    for (const name of ['run.0', 'run.1']) await room.write(name, new Uint8Array(3));
    const none = await again.read();
    expect(none.content).toBeNull();
    expect(none.problems.map(({ message }) => message)).toEqual([
      'run.0 has 3 bytes, more than any run has.',
      'run.1 has 3 bytes, more than any run has.',
    ]);
  });

  it('are one pair each for several names', async () => {
    const room = await rooms[kind]!();
    await new Slots(room, 'a', format).write(bytes(1));
    await new Slots(room, 'b', format).write(bytes(2));
    expect(new Set(await Slots.names(room))).toEqual(new Set(['a', 'b']));
    expect(await new Slots(room, 'a', format).read()).toMatchObject({ content: 1 });
  });
});

async function newestOf(room: FileRoom, order: number): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of await room.list()) if ((await (await room.read(name))!.bytes())[0] === order) names.push(name);
  return names;
}
