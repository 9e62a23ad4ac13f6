import { TuneletError } from '../api/errors';
import type { HubFeature } from '../api/hubDataset';
import { authorization, type HubAccess } from './access';
import { boundedText } from './boundedText';
import { badDatasetAnswer, datasetOffline, datasetRefusal, type DatasetQuestion } from './datasetErrors';
import { readFeatures } from './datasetFeatures';
import { parseDatasetId } from './datasetId';
import { licenceOf } from './hubApi';
import { isRecord } from '../api/isRecord';
import { delayBeforeRepeat, pause } from './retries';

/** The service that describes the Hub's datasets and hands out their rows. https://huggingface.co/docs/dataset-viewer */
export const datasetServerEndpoint = 'https://datasets-server.huggingface.co';

/** The most that one answer of `rows` has. */
export const rowsOfPage = 100;
const mostAnswerBytes = 32 << 20;
const mostNames = 1000;

export interface ParquetFile {
  config: string;
  split: string;
  /** Inside the repository, at the revision below. */
  path: string;
  sizeBytes: number;
}

export interface RowsPage {
  rows: Record<string, unknown>[];
  /** Rows in which the server has cut a cell short. */
  cutRows: number;
  features: HubFeature[];
}

/** Where the Hub keeps the Parquet files that it makes of a dataset. */
export const parquetRevision = 'refs/convert/parquet';

/** One dataset's questions to the Hub and to its datasets server; every answer is checked before it is used. */
export class DatasetServer {
  /** As the Hub has it now, once `card` has told: an old name leads to the new one. */
  id: string;
  readonly #access: HubAccess;
  readonly #server: string;
  readonly #signal: AbortSignal | undefined;
  /** Its owners grant access; null until `card` has told. */
  isGated: boolean | null = null;

  constructor(id: string, access: HubAccess, server: string, signal: AbortSignal | undefined) {
    this.id = id;
    this.#access = access;
    this.#server = server.replace(/\/$/, '');
    this.#signal = signal;
  }

  /** The Hub's own word on a dataset, which it gives of gated ones too. @throws TuneletError 'hub/…' */
  async card(): Promise<{ licence: string | null; isGated: boolean }> {
    const url = new URL(`${this.#access.endpoint}/api/datasets/${this.id}`);
    for (const field of ['gated', 'cardData']) url.searchParams.append('expand', field);
    const answer = recordOf(await this.#ask(url, 'the description'));
    if (typeof answer['id'] === 'string') this.id = parseDatasetId(answer['id']);
    const gated = answer['gated'];
    this.isGated = gated === 'auto' || gated === 'manual';
    return { licence: licenceOf(answer['cardData']), isGated: this.isGated };
  }

  /** Configurations with their splits, in the Hub's order. */
  async splits(): Promise<{ config: string; split: string }[]> {
    const answer = await this.#askServer('splits', 'the splits', {});
    const splits = listOf(answer['splits']).flatMap((entry) => {
      const { config, split } = recordOf(entry);
      return isName(config) && isName(split) ? [{ config, split }] : [];
    });
    if (splits.length === 0) throw this.#bad('the splits', 'without naming any');
    return splits.slice(0, mostNames * 10);
  }

  /** Columns with their types. */
  async features(config: string): Promise<HubFeature[]> {
    const answer = await this.#askServer('info', 'the columns', { config });
    return readFeatures(recordOf(answer['dataset_info'])['features']);
  }

  /** Rows by split; one that the server does not count is missing. */
  async sizes(config: string): Promise<Map<string, number>> {
    const answer = await this.#askServer('size', 'the sizes', { config });
    const sizes = new Map<string, number>();
    for (const entry of listOf(recordOf(answer['size'])['splits'])) {
      const { config: owner, split, num_rows: rows } = recordOf(entry);
      if (owner === config && isName(split) && isCount(rows)) sizes.set(split, rows);
    }
    return sizes;
  }

  /** The Parquet files that the Hub has made, in their order; none where it could make none. */
  async parquetFiles(config: string): Promise<ParquetFile[]> {
    const answer = await this.#askServer('parquet', 'the Parquet files', { config });
    return listOf(answer['parquet_files']).flatMap((entry) => {
      const { config: owner, split, url, size } = recordOf(entry);
      const path = typeof url === 'string' ? this.#pathOf(url) : null;
      return owner === config && isName(split) && path !== null && isCount(size)
        ? [{ config, split, path, sizeBytes: size }]
        : [];
    });
  }

  /** Checksums and sizes of the files in a folder of the Parquet revision, by path. */
  async parquetChecksums(folder: string): Promise<Map<string, { sizeBytes: number; sha256: string }>> {
    const path = folder.split('/').map(encodeURIComponent).join('/');
    const revision = encodeURIComponent(parquetRevision);
    const url = new URL(`${this.#access.endpoint}/api/datasets/${this.id}/tree/${revision}/${path}`);
    const files = new Map<string, { sizeBytes: number; sha256: string }>();
    for (const entry of listOf(await this.#ask(url, 'the list of Parquet files'))) {
      const { path: name, lfs } = recordOf(entry);
      const { oid, size } = recordOf(lfs);
      if (typeof name === 'string' && typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && isCount(size)) {
        files.set(name, { sizeBytes: size, sha256: oid });
      }
    }
    return files;
  }

  /** The first rows of a split, for a look at them; long cells are cut. */
  async firstRows(config: string, split: string): Promise<RowsPage> {
    return readRows(await this.#askServer('first-rows', `the first rows of ${split}`, { config, split }));
  }

  /** @param length at most `rowsOfPage` */
  async rows(config: string, split: string, offset: number, length: number): Promise<RowsPage> {
    const what = `rows ${offset + 1} to ${offset + length} of ${split}`;
    const query = { config, split, offset: String(offset), length: String(length) };
    return readRows(await this.#askServer('rows', what, query, 'patient'));
  }

  /** Whether rows can be had one page at a time. */
  async hasPages(): Promise<boolean> {
    return (await this.#askServer('is-valid', 'the state', {}))['viewer'] === true;
  }

  async #askServer(
    name: string,
    what: string,
    query: Record<string, string>,
    patience?: 'patient',
  ): Promise<Record<string, unknown>> {
    const url = new URL(`${this.#server}/${name}`);
    url.search = new URLSearchParams({ dataset: this.id, ...query }).toString();
    return recordOf(await this.#ask(url, what, patience));
  }

  /** Repeated while the Hub is busy; with patience also where a connection breaks, since much may have come before. */
  async #ask(url: URL, what: string, patience?: 'patient'): Promise<unknown> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#askOnce(url, what);
      } catch (error) {
        this.#signal?.throwIfAborted();
        const delayMs = delayBeforeRepeat(error, failures, this.#access.retryDelayMs);
        const isOffline = error instanceof TuneletError && error.code === 'hub/offline';
        if (delayMs === null || (isOffline && patience === undefined)) throw error;
        await pause(delayMs, this.#signal);
      }
    }
  }

  async #askOnce(url: URL, what: string): Promise<unknown> {
    const headers = { accept: 'application/json', ...authorization(this.#access) };
    let text: string | null;
    try {
      const response = await fetch(url, { headers, signal: this.#signal ?? null });
      if (!response.ok) {
        await response.body?.cancel();
        throw datasetRefusal(this.#question(what), response);
      }
      text = await boundedText(response, mostAnswerBytes);
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error instanceof TypeError || error instanceof DOMException
        ? datasetOffline(this.#question(what), url.origin, error)
        : error;
    }
    if (text === null) throw this.#bad(what, `with more than ${mostAnswerBytes} bytes`);
    try {
      return JSON.parse(text);
    } catch {
      throw this.#bad(what, 'with something that is not JSON');
    }
  }

  /** Of a file's address, which must lie in this dataset's own repository on this Hub. */
  #pathOf(address: string): string | null {
    const start = `${this.#access.endpoint}/datasets/${this.id}/resolve/`;
    const revision = [encodeURIComponent(parquetRevision), parquetRevision].find((name) =>
      address.startsWith(`${start}${name}/`),
    );
    if (revision === undefined || address.length > 2000) return null;
    try {
      const path = address
        .slice(start.length + revision.length + 1)
        .split('/')
        .map(decodeURIComponent);
      return path.every((part) => part !== '' && part !== '.' && part !== '..') ? path.join('/') : null;
    } catch {
      // A percent sign that encodes nothing.
      return null;
    }
  }

  #question(what: string): DatasetQuestion {
    return { id: this.id, what, isGated: this.isGated, hasToken: this.#access.token !== null };
  }

  #bad(what: string, how: string): Error {
    return badDatasetAnswer(this.#question(what), how);
  }
}

function readRows(answer: Record<string, unknown>): RowsPage {
  const entries = listOf(answer['rows']).slice(0, rowsOfPage).map(recordOf);
  const features = listOf(answer['features']).map(recordOf);
  return {
    rows: entries.map(({ row }) => recordOf(row)),
    cutRows: entries.filter(({ truncated_cells: cut }) => listOf(cut).length > 0).length,
    features: readFeatures(Object.fromEntries(features.map(({ name, type }) => [String(name), type]))),
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) && !Array.isArray(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 200;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
