import type { TrainerEvent } from '../../api/events';
import type { HubDatasetChoice, HubDatasetPlan, HubDatasetReference, KeptDataset } from '../../api/hubDataset';
import type { ColumnMapping, SplitName } from '../../api/dataset';
import type { ReadOptions } from '../../data/decode';
import { readHubSplit } from '../../data/hubTable';
import type { OpenedDataset } from '../../data/openDataset';
import type { Table } from '../../data/table';
import type { HubAccess } from '../../hub/access';
import { DatasetLibrary } from '../../hub/datasetLibrary';
import type { HubDataset } from '../../hub/hubDataset';
import { openFileRoom } from '../../storage/opfsRoom';

/** Datasets of the Hub, and what the device keeps of them. */
export class HubDataRoom {
  readonly #emit: (event: TrainerEvent) => void;
  readonly #access: () => Promise<() => HubAccess>;
  #opening: Promise<DatasetLibrary> | null = null;
  /** Looked at last, and most likely the one to be read. */
  #inspected: HubDataset | null = null;

  /** @param access the one way to the Hub that the session has, with the user's token */
  constructor(emit: (event: TrainerEvent) => void, access: () => Promise<() => HubAccess>) {
    this.#emit = emit;
    this.#access = access;
  }

  async inspect(asked: HubDatasetReference): Promise<HubDatasetPlan> {
    this.#inspected = await (await this.#library()).open(asked);
    return this.#inspected.plan();
  }

  /** Downloads and reads what is chosen. Throws 'hub/…', 'data/…' and 'storage/…'; the signal's reason when it aborts. */
  async read(choice: HubDatasetChoice, options: ReadOptions): Promise<{ opened: OpenedDataset; mapping: ColumnMapping }> {
    const dataset = await this.#open(choice, options.signal);
    await dataset.download(choice, options.signal);
    const tables: Partial<Record<SplitName, Table>> = {};
    for (const part of ['train', 'validation', 'test'] as const) {
      const split = choice.splits[part];
      if (split !== null) tables[part] = await readHubSplit(dataset, split, choice, options);
    }
    const { train, ...others } = tables;
    if (!train) throw new Error('A choice of rows always has a split to train on.');
    const mapping = { text: choice.text, label: choice.label };
    const reason = 'As the dataset’s description on the Hub has it.';
    const guess = {
      text: { column: choice.text, reason },
      label: { column: choice.label, reason },
    };
    const opened = {
      name: nameOf(choice),
      attribution: creditOf(dataset),
      hub: choice,
      origin: { kind: 'hub', choice } as const,
      tables: { train, ...others },
      guess,
    };
    return { opened, mapping };
  }

  async #open({ id, config }: HubDatasetChoice, signal: AbortSignal | undefined): Promise<HubDataset> {
    const library = await this.#library();
    const known = this.#inspected;
    const isKnown = known?.listing.id === id && known.listing.config === config;
    return isKnown ? library.reopen(known, signal) : library.open({ id, config }, signal);
  }

  async kept(): Promise<KeptDataset[]> {
    return (await this.#library()).kept();
  }

  async remove(dataset: Pick<KeptDataset, 'id' | 'config'>): Promise<KeptDataset[]> {
    const library = await this.#library();
    await library.remove(dataset);
    return library.kept();
  }

  /** The browser's storage is opened when it is first needed. */
  #library(): Promise<DatasetLibrary> {
    this.#opening ??= Promise.all([openFileRoom('hub-datasets'), this.#access()]).then(
      ([room, access]) => new DatasetLibrary(room, access, (download) => this.#emit({ kind: 'dataset-download', download })),
    );
    return this.#opening;
  }
}

function nameOf({ id, config }: HubDatasetChoice): string {
  return config === 'default' ? id : `${id}, ${config}`;
}

function creditOf({ listing }: HubDataset): string {
  return `${listing.id} on the Hugging Face Hub, licence ${listing.licence ?? 'not stated'}`;
}
