import { expose } from 'comlink';
import { compareBlock } from './llamaBlock';

/** Away from the page, as runs are: threads wait for one another. */
const door = { compareBlock };
export type BlockWorker = typeof door;

expose(door);
