import { TuneletError } from '../api/errors';
import { mostParquetBytes, wayOf, type DatasetDownload, type HubDatasetChoice, type HubDatasetPlan } from '../api/hubDataset';
import type { FileRoom } from '../storage/fileRoom';
import { readableBytes } from '../storage/readableBytes';
import type { HubAccess } from './access';
import { asDatasetError } from './datasetErrors';
import type { DatasetListing, ListedSplit } from './datasetListing';
import { DatasetNews } from './datasetNews';
import { parquetRevision, rowsOfPage, type DatasetServer, type RowsPage } from './datasetServer';
import type { KeptFiles } from './keptFiles';
import type { ListedFile } from './listedFile';
import { pagesOf } from './rowChoice';

export interface HubDatasetParts {
  listing: DatasetListing;
  server: DatasetServer;
  access: HubAccess;
  files: KeptFiles;
  room: FileRoom;
  /** What is kept outlives the tab. */
  isLasting: boolean;
  isFromDevice: boolean;
  tell: (download: DatasetDownload) => void;
  remember: () => Promise<void>;
}

/** One configuration of a dataset of the Hub. Its rows come as Parquet files, kept on the device, or as pages of rows. */
export class HubDataset {
  readonly listing: DatasetListing;
  readonly #parts: HubDatasetParts;

  constructor(parts: HubDatasetParts) {
    this.#parts = parts;
    this.listing = parts.listing;
  }

  /** The Hub did not answer; what is kept is all there is. */
  get isFromDevice(): boolean {
    return this.#parts.isFromDevice;
  }

  async plan(): Promise<HubDatasetPlan> {
    const { listing, files, room, isFromDevice, isLasting } = this.#parts;
    const kept = await files.keptBytes();
    const { id, config, configs, features, preview, licence, isGated } = listing;
    const splits = listing.splits.map((split) => ({
      name: split.name,
      rows: split.rows,
      sizeBytes: sizeOf(split),
      keptBytes: (split.files ?? []).reduce(
        (sum, file) => sum + Math.min(file.sizeBytes, kept.get(file.checksum.digest) ?? 0),
        0,
      ),
      isPartial: split.isPartial,
      unlabelled: split.unlabelled,
    }));
    const storage = isLasting ? await room.use() : null;
    return { id, config, configs, features, splits, preview, licence, isGated, isFromDevice, storage };
  }

  /** @throws TuneletError 'hub/not-found' */
  split(name: string): ListedSplit {
    const split = this.listing.splits.find((listed) => listed.name === name);
    if (split) return split;
    const { id, splits } = this.listing;
    throw new TuneletError(
      'hub/not-found',
      `${id} has no split “${name.slice(0, 80)}”. It has ${splits.map((listed) => listed.name).join(', ')}.`,
      'Choose one of these.',
      { id, split: name.slice(0, 80) },
    );
  }

  /** How a split's rows will come. */
  wayOf(name: string, rows: number | null): 'files' | 'pages' {
    const split = this.split(name);
    return wayOf({ rows: split.rows, sizeBytes: sizeOf(split) }, rows);
  }

  /**
   * Downloads the Parquet files of all chosen splits that come so; what is here already stays.
   * @throws TuneletError 'hub/too-large', 'storage/…', 'hub/…'; the signal's reason when it aborts
   */
  async download(choice: Pick<HubDatasetChoice, 'splits' | 'rows'>, signal?: AbortSignal): Promise<void> {
    const { files: shelf, access, tell, remember } = this.#parts;
    const { id } = this.listing;
    const files = this.#chosen(choice, 'files').flatMap((split) => split.files ?? []);
    if (files.length === 0) return;
    const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (totalBytes > mostParquetBytes) throw this.#tooLarge(totalBytes);
    await shelf.checkSpace(id, files);
    await remember();
    const news = new DatasetNews(id, 'bytes', totalBytes, tell);
    let doneBytes = 0;
    for (const file of files) {
      const origin = { id: `datasets/${id}`, commit: parquetRevision, access, signal };
      try {
        await shelf.keep(file, { ...origin, onBytes: (bytes) => news.say(doneBytes + bytes) });
      } catch (thrown) {
        signal?.throwIfAborted();
        throw asDatasetError(thrown, id);
      }
      doneBytes += file.sizeBytes;
      news.say(doneBytes);
    }
  }

  /** A split's files, in order, once they are downloaded. */
  async *files(name: string): AsyncGenerator<{ file: ListedFile; content: Blob }> {
    for (const file of this.split(name).files ?? []) {
      const content = await this.#parts.files.read(file);
      if (!content) throw new Error(`${file.path} was read before it was downloaded.`);
      yield { file, content };
    }
  }

  /** Rows of a split, a page at a time, as the choice says. @throws TuneletError 'hub/…'; the signal's reason when it aborts */
  async *pages(name: string, { rows, choose }: Pick<HubDatasetChoice, 'rows' | 'choose'>): AsyncGenerator<RowsPage> {
    const { server, tell } = this.#parts;
    const { config, id } = this.listing;
    const { rows: total } = this.split(name);
    const news = new DatasetNews(id, 'rows', Math.min(rows ?? Infinity, total ?? rows ?? 0), tell);
    let loaded = 0;
    for (const { offset, length } of pagesOf(total, rows, choose)) {
      const page = await server.rows(config, name, offset, length);
      loaded += page.rows.length;
      news.say(loaded);
      yield page;
      // Where the count is not known, a page that is not full is the last.
      if (page.rows.length < Math.min(length, rowsOfPage) && choose === 'first') return;
      if (page.rows.length === 0) return;
    }
  }

  #chosen({ splits, rows }: Pick<HubDatasetChoice, 'splits' | 'rows'>, way: 'files' | 'pages'): ListedSplit[] {
    const names = [splits.train, splits.validation, splits.test].filter((name) => name !== null);
    return [...new Set(names)].filter((name) => this.wayOf(name, rows) === way).map((name) => this.split(name));
  }

  #tooLarge(totalBytes: number): TuneletError {
    const { id } = this.listing;
    return new TuneletError(
      'hub/too-large',
      `The Parquet files of ${id} have ${readableBytes(totalBytes)}. At most ${readableBytes(mostParquetBytes)} are downloaded: a tab could not hold the rows.`,
      'Take up to 5,000 rows: so few come by themselves, without the files.',
      { id, totalBytes },
    );
  }
}

function sizeOf(split: ListedSplit): number | null {
  return split.files && split.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
