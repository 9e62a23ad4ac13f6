import { reportOf, TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { DatasetKeeping, DatasetOrigin, RestoredDataset } from '../../api/keptDataset';
import type { Dataset } from '../../data/dataset';
import type { ReadOptions } from '../../data/decode';
import { KeptDatasetRoom, type KeptRecord } from '../../data/keptDataset';
import { openDataset, type OpenedDataset } from '../../data/openDataset';
import { openSample } from '../../data/sample';
import { openFileRoom } from '../../storage/opfsRoom';
import type { DatasetRoom } from './datasetRoom';
import type { HubDataRoom } from './hubDataRoom';

/** Of all tabs of this page one at a time reads or writes the kept dataset. */
const lockName = 'tunelet-kept-dataset';

/** Keeps the dataset in use for the next visit, beside all else that the worker does, and brings it back. Off until the page asks for it. */
export class DatasetKeeper {
  readonly #emit: (event: TrainerEvent) => void;
  #isWanted = false;
  #opening: Promise<KeptDatasetRoom | null> | null = null;
  #current: Dataset | null = null;
  #saving: { origin: DatasetOrigin; abort: AbortController } | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(emit: (event: TrainerEvent) => void) {
    this.#emit = emit;
  }

  /** Off deletes what is kept. */
  async want(isWanted: boolean): Promise<void> {
    this.#isWanted = isWanted;
    if (isWanted) {
      if (this.#current) this.keep(this.#current);
      else this.#say({ state: 'empty' });
      return;
    }
    this.#saving?.abort.abort();
    this.#saving = null;
    await this.#inTurn((room) => room?.clear());
    this.#say({ state: 'off' });
  }

  /** Returns at once; how it went is told by events. */
  keep(dataset: Dataset): void {
    this.#current = dataset;
    const { origin, name } = dataset.opened;
    if (!origin || !this.#isWanted) return;
    const isNew = this.#saving?.origin !== origin;
    if (isNew) {
      this.#saving?.abort.abort();
      this.#saving = { origin, abort: new AbortController() };
      this.#say({ state: 'writing', name });
    }
    const { signal } = this.#saving!.abort;
    void this.#inTurn(async (room) => {
      // A later change of the same dataset is kept in its own turn.
      if (signal.aborted || this.#current !== dataset) return;
      await this.#save(room, dataset, origin, signal);
    });
  }

  /** Null where nothing is kept. Throws what `TrainerApi.restoreDataset` does. */
  async restore(data: DatasetRoom, hub: HubDataRoom, baseUrl: string): Promise<RestoredDataset | null> {
    const record = await this.#inTurn((room) => room?.load() ?? null);
    if (!record) return null;
    this.#saving = { origin: record.origin, abort: new AbortController() };
    try {
      const dataset = await data.loadFrom(async (options) => {
        const opened = await reopen(record, hub, baseUrl, options);
        return { opened: { ...opened, origin: record.origin }, ...record.preparation };
      });
      const { origin } = record;
      return origin.kind === 'files'
        ? { dataset, files: origin.files, choices: origin.choices }
        : { dataset, files: null, choices: {} };
    } catch (thrown) {
      // What cannot be used as it is kept would fail at every visit; the Hub or the network may answer at the next.
      const { code } = reportOf(thrown);
      if (code.startsWith('data/') && code !== 'data/cancelled') await this.#inTurn((room) => room?.clear());
      throw thrown;
    }
  }

  async #save(room: KeptDatasetRoom | null, dataset: Dataset, origin: DatasetOrigin, signal: AbortSignal): Promise<void> {
    const { name } = dataset.opened;
    try {
      if (!room) throw noStorage(name);
      const sizeBytes = await room.save(name, origin, dataset.preparation, signal);
      this.#say({ state: 'kept', name, sizeBytes });
    } catch (thrown) {
      if (!signal.aborted) this.#say({ state: 'failed', name, report: reportOf(thrown) });
    }
  }

  async #inTurn<Result>(work: (room: KeptDatasetRoom | null) => Promise<Result> | Result): Promise<Result> {
    this.#opening ??= openFileRoom('dataset').then((room) => room && new KeptDatasetRoom(room));
    const opening = this.#opening;
    const turn = this.#turn.then(async () => {
      const room = await opening;
      return room ? navigator.locks.request(lockName, () => work(room)) : work(null);
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #say(keeping: DatasetKeeping): void {
    this.#emit({ kind: 'dataset-kept', keeping });
  }
}

async function reopen({ origin }: KeptRecord, hub: HubDataRoom, baseUrl: string, options: ReadOptions): Promise<OpenedDataset> {
  if (origin.kind === 'sample') return openSample(baseUrl, options);
  if (origin.kind === 'hub') return (await hub.read(origin.choice, options)).opened;
  return openDataset(origin.files, { ...origin.choices, ...options });
}

function noStorage(name: string): TuneletError {
  return new TuneletError(
    'storage/unavailable',
    `This browser lets the page keep nothing on the device, so ${name} is not kept for the next visit.`,
    'It can be used all the same; after a reload, drop it again. Outside private browsing it would be kept.',
  );
}
