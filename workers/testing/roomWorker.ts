import { expose } from 'comlink';
import { installErrorTransfer } from '../api/transfer';
import type { FileAppender, FileRoom } from '../storage/fileRoom';
import type { Turn } from '../storage/turns';
import { openFileRoom } from '../storage/opfsRoom';

let room: FileRoom | null = null;
let turn: Turn | null = null;
const opened = new Map<string, FileAppender>();

/** The browser's file system is writable in workers alone, so tests reach a room through this one. */
const remote = {
  async open(folder: string): Promise<boolean> {
    room = await openFileRoom(folder);
    return room !== null;
  },
  list: async () => there(room).list(),
  read: async (name: string) => there(room).read(name),
  write: async (name: string, bytes: Uint8Array) => there(room).write(name, bytes),
  rename: async (from: string, to: string) => there(room).rename(from, to),
  remove: async (name: string) => there(room).remove(name),
  use: async () => there(room).use(),
  /** Writes "name 1", "name 2" and so on, the number after the highest that is here, as many times. */
  number: async (name: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await there(room).inTurn(async () => {
        const numbers = (await there(room).list()).map((file) => Number(file.name.split(' ')[1] ?? 0));
        await there(room).write(`${name} ${Math.max(0, ...numbers) + 1}`, new Uint8Array(1));
      });
    }
  },
  takeTurn: async (): Promise<void> => {
    turn = await there(room).takeTurn();
  },
  hasTurn: async () => there(turn).whileMine(async () => {}),
  /** Writes in its turn, and takes so long for it; false where it has none. */
  writeInTurn: async (name: string, bytes: Uint8Array, takesMs: number): Promise<boolean> =>
    there(turn).whileMine(async () => {
      await new Promise((resolve) => setTimeout(resolve, takesMs));
      await there(room).write(name, bytes);
    }),
  endTurn: () => there(turn).end(),
  /** Opens for writing and returns the size; the file stays open. */
  async hold(name: string): Promise<number> {
    const appender = await there(room).append(name);
    opened.set(name, appender);
    return appender.sizeBytes;
  },
  append: (name: string, bytes: Uint8Array): number => {
    const appender = there(opened.get(name) ?? null);
    appender.write(bytes);
    return appender.sizeBytes;
  },
  readAt: (name: string, offset: number, count: number): Uint8Array => {
    const target = new Uint8Array(count);
    return target.subarray(0, there(opened.get(name) ?? null).readAt(offset, target));
  },
  clear: (name: string) => there(opened.get(name) ?? null).clear(),
  close: (name: string) => there(opened.get(name) ?? null).close(),
  /** Writes `count` times the same MiB; returns milliseconds. */
  async timeWriting(name: string, count: number): Promise<number> {
    const piece = new Uint8Array(1 << 20).fill(7);
    const appender = await there(room).append(name);
    const start = performance.now();
    for (let i = 0; i < count; i++) appender.write(piece);
    appender.flush();
    appender.close();
    return performance.now() - start;
  },
};

export type RoomWorker = typeof remote;

function there<Value>(value: Value | null): Value {
  if (value === null) throw new Error('Open it first.');
  return value;
}

installErrorTransfer();
expose(remote);
