import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { hubListener, type HubFaults, type HubServerOptions } from './hubServer';
import { filesOf, infoOf, sizeOf, splitsOf, type ServedConfig, type ServedDataset, type ServedSplit } from './servedDataset';

/** What goes wrong at the datasets server, until it is set right again. */
export interface DatasetFaults {
  /** As many answers of an endpoint, such as "rows", or of "all". */
  busy?: { endpoint: string; status: number; times: number; retryAfter?: string; code?: string };
  /** Rows of which a cell is cut. */
  cutCells?: boolean;
  /** Endpoints that answer with something else than they should, by name. */
  answers?: Readonly<Record<string, unknown>>;
  /** The endpoint's answer is no JSON. */
  noJson?: string;
  /** The description says other sizes than the files have. */
  wrongSizes?: boolean;
  /** Whether the dataset viewer shows rows; it does. */
  withoutViewer?: boolean;
}

export interface DatasetHostOptions {
  datasets: readonly ServedDataset[];
  token?: string;
  /** New names by old ones. */
  moved?: Readonly<Record<string, string>>;
  /** Where the Hub is for the files' addresses; the local server's own where it is left out. */
  endpoint?: string;
  /** For what concerns models, and for the bytes of files. */
  hub?: Omit<HubServerOptions, 'files' | 'faults'> & { files?: ReadonlyMap<string, Uint8Array> };
  faults?: DatasetFaults;
  fileFaults?: HubFaults;
}

export interface AskedOfHost {
  host: string;
  path: string;
  query: string;
  authorization: string | undefined;
  range: string | undefined;
}

export interface DatasetHost {
  endpoint: string;
  requests: AskedOfHost[];
  faults: DatasetFaults;
  /** Of the Parquet files' bytes. */
  fileFaults: HubFaults;
  close(): Promise<void>;
}

/** A local HTTP server that answers as the Hub and as its datasets server, after https://huggingface.co/docs/dataset-viewer. */
export async function startDatasetHost(options: DatasetHostOptions): Promise<DatasetHost> {
  let endpoint = '';
  const { listener, ...played } = datasetListener({ ...options, endpoint: () => endpoint });
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  endpoint = `http://127.0.0.1:${address.port}`;
  return {
    ...played,
    endpoint,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Played = Pick<DatasetHost, 'requests' | 'faults' | 'fileFaults'> & { listener: RequestListener };

/** What `startDatasetHost` answers with, for a server of another kind. */
export function datasetListener(options: Omit<DatasetHostOptions, 'endpoint'> & { endpoint: () => string }): Played {
  const files = new Map(options.hub?.files ?? []);
  for (const file of options.datasets.flatMap(filesOf)) files.set(`datasets/of-tests/${file.digest}.bin`, file.bytes);
  const hub = hubListener({ ...options.hub, files, ...(options.fileFaults && { faults: options.fileFaults }) });
  const faults: DatasetFaults = { ...options.faults };
  const requests: AskedOfHost[] = [];
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { host = '', authorization, range } = request.headers;
    if (request.method !== 'OPTIONS') {
      requests.push({ host, path: url.pathname, query: url.search, authorization, range });
      const answer = new DatasetAnswer(request, response, options, faults);
      if (answer.send(url)) return;
    }
    hub.listener(request, response);
  };
  return { listener, requests, faults, fileFaults: hub.faults };
}

const endpoints = new Set(['is-valid', 'splits', 'info', 'size', 'parquet', 'rows', 'first-rows']);
const revision = 'refs%2Fconvert%2Fparquet';

class DatasetAnswer {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: Omit<DatasetHostOptions, 'endpoint'> & { endpoint: () => string };
  readonly #faults: DatasetFaults;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    options: Omit<DatasetHostOptions, 'endpoint'> & { endpoint: () => string },
    faults: DatasetFaults,
  ) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#faults = faults;
  }

  /** False where the question is not about datasets. */
  send(url: URL): boolean {
    const [first = '', second = '', ...rest] = url.pathname.slice(1).split('/');
    const ofServer = second === '' && endpoints.has(first);
    if (!ofServer && !(first === 'api' && second === 'datasets') && first !== 'datasets') return false;
    this.#response.setHeader('access-control-allow-origin', this.#request.headers.origin ?? '*');
    this.#response.setHeader('access-control-expose-headers', 'X-Error-Code,ETag,Retry-After,Content-Range,X-Repo-Commit');
    if (ofServer) this.#sendOfServer(first, url.searchParams);
    else if (first === 'api') this.#sendOfApi(rest);
    else this.#sendFile([second, ...rest]);
    return true;
  }

  #sendOfServer(endpoint: string, query: URLSearchParams): void {
    const { busy, noJson } = this.#faults;
    if (busy && busy.times > 0 && (busy.endpoint === endpoint || busy.endpoint === 'all')) return this.#sendBusy(busy);
    if (noJson === endpoint) return void this.#response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    const { answers } = this.#faults;
    if (answers && endpoint in answers) return this.#sendJson(answers[endpoint]);
    const dataset = this.#options.datasets.find(({ id }) => id === query.get('dataset'));
    // The datasets server does not tell a private dataset from one that is not there.
    if (!dataset || (dataset.isGated && !this.#mayRead())) {
      const hasToken = this.#request.headers.authorization !== undefined;
      return this.#refuse(hasToken ? 404 : 401, hasToken ? 'ExternalAuthenticatedError' : 'ExternalUnauthenticatedError');
    }
    if (endpoint === 'splits') return this.#sendJson({ splits: splitsOf(dataset), pending: [], failed: [] });
    const viewer = this.#faults.withoutViewer !== true;
    if (endpoint === 'is-valid') {
      return this.#sendJson({ preview: true, viewer, search: viewer, filter: viewer, statistics: viewer });
    }
    const config = dataset.configs.find(({ name }) => name === query.get('config'));
    if (!config) return this.#refuse(404, 'ConfigNotFound');
    if (endpoint === 'info') return this.#sendJson(infoOf(dataset, config));
    if (endpoint === 'size') return this.#sendJson(sizeOf(dataset, config));
    if (endpoint === 'parquet') return this.#sendParquet(dataset, config);
    const split = config.splits.find(({ name }) => name === query.get('split'));
    if (!split) return this.#refuse(404, 'SplitNotFound');
    this.#sendRows(config, split, endpoint === 'rows' ? query : null);
  }

  #sendParquet(dataset: ServedDataset, config: ServedConfig): void {
    const files = filesOf(dataset).filter(({ path }) => path.startsWith(`${config.name}/`));
    if (files.length === 0) return this.#refuse(500, 'DatasetGenerationError');
    const parquetFiles = files.map(({ path, split, bytes }) => ({
      dataset: dataset.id,
      config: config.name,
      split,
      url: `${this.#options.endpoint()}/datasets/${dataset.id}/resolve/${revision}/${path}`,
      filename: path.split('/').at(-1),
      size: bytes.length,
    }));
    this.#sendJson({ parquet_files: parquetFiles, pending: [], failed: [], partial: false });
  }

  /** @param query null for the first rows */
  #sendRows({ features, name: config }: ServedConfig, { rows, name: split }: ServedSplit, query: URLSearchParams | null): void {
    const offset = Number(query?.get('offset') ?? 0);
    const length = Number(query?.get('length') ?? 100);
    if (length > 100) return this.#refuse(422, 'UnprocessableEntity');
    const listed = Object.entries(features).map(([name, type], index) => ({ feature_idx: index, name, type }));
    const entries = rows.slice(offset, offset + length).map((row, index) => ({
      row_idx: offset + index,
      row,
      truncated_cells: this.#faults.cutCells === true ? [Object.keys(features)[0]] : [],
    }));
    const counts = query && { num_rows_total: rows.length, num_rows_per_page: 100, partial: false };
    this.#sendJson({ ...(!query && { dataset: 'asked', config, split }), features: listed, rows: entries, ...counts });
  }

  /** As /api/datasets/ID and /api/datasets/ID/tree/REVISION/FOLDER answer. */
  #sendOfApi(path: string[]): void {
    const moved = this.#options.moved?.[path.join('/')];
    if (moved !== undefined) return void this.#response.writeHead(307, { location: `/api/datasets/${moved}` }).end();
    const dataset = this.#options.datasets.find(({ id }) => path.join('/') === id || path.join('/').startsWith(`${id}/`));
    if (!dataset) return this.#refuse(401, 'RepoNotFound');
    const { id, licence, isGated } = dataset;
    const [verb, asked, ...folder] = path.slice(id.split('/').length);
    if (verb === undefined) {
      const card = licence === undefined ? {} : { cardData: { license: licence } };
      return this.#sendJson({ _id: '621ffdd236468d709f181d5e', id, private: false, gated: isGated ? 'manual' : false, ...card });
    }
    if (isGated && !this.#mayRead()) return this.#refuse(403, 'GatedRepo');
    if (verb !== 'tree' || asked !== revision) return this.#refuse(404, 'RevisionNotFound');
    const files = filesOf(dataset).filter(({ path: file }) => file.startsWith(`${folder.map(decodeURIComponent).join('/')}/`));
    this.#sendJson(
      files.map(({ path: file, bytes, digest }) => {
        const size = bytes.length + (this.#faults.wrongSizes === true ? 1 : 0);
        return { type: 'file', oid: '0'.repeat(40), size, path: file, lfs: { oid: digest, size, pointerSize: 132 } };
      }),
    );
  }

  /** /datasets/ID/resolve/REVISION/PATH leads to where large files are. */
  #sendFile(path: string[]): void {
    const dataset = this.#options.datasets.find(({ id }) => path.join('/').startsWith(`${id}/`));
    const [verb, asked, ...rest] = path.slice(dataset?.id.split('/').length ?? 0);
    const file = dataset && filesOf(dataset).find((candidate) => candidate.path === rest.map(decodeURIComponent).join('/'));
    if (dataset?.isGated && !this.#mayRead()) return this.#refuse(this.#request.headers.authorization ? 403 : 401, 'GatedRepo');
    if (!file || verb !== 'resolve' || asked !== revision) return this.#refuse(404, 'EntryNotFound');
    this.#response.writeHead(302, { location: `${this.#options.hub?.largeFilesAt ?? ''}/large/${file.digest}` }).end();
  }

  #mayRead(): boolean {
    return this.#request.headers.authorization === `Bearer ${this.#options.token}`;
  }

  #sendBusy(busy: NonNullable<DatasetFaults['busy']>): void {
    busy.times -= 1;
    const { status, retryAfter, code } = busy;
    this.#response
      .writeHead(status, {
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        ...(code !== undefined && { 'x-error-code': code }),
      })
      .end();
  }

  #refuse(status: number, code: string): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', 'x-error-code': code });
    this.#response.end(JSON.stringify({ error: `Refused with ${code}.` }));
  }

  #sendJson(value: unknown): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }
}
