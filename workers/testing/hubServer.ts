import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { HubModel, type ListedEntry, type ServedFile } from './hubModel';
import type { HubUploads } from './hubUploads';

export interface HubServer {
  endpoint: string;
  /** Every request so far. */
  requests: ServedRequest[];
  faults: HubFaults;
  close(): Promise<void>;
}

export interface ServedRequest {
  method: string;
  path: string;
  host: string;
  range: string | undefined;
  ifRange: string | undefined;
  authorization: string | undefined;
}

/** What goes wrong, until it is set right again. Each concerns the large files alone unless it says otherwise. */
export interface HubFaults {
  /** The connection breaks at this byte of a file, whenever an answer reaches it. */
  cutAtByte?: number;
  /** Each connection breaks after as many bytes. */
  cutAfterBytes?: number;
  /** One bit of this byte is wrong. */
  wrongByteAt?: number;
  /** As many requests, for anything, are answered so. */
  busy?: { status: number; times: number; retryAfter?: string };
  /** Instead of the checksum. */
  tag?: string;
  /** Range and If-Range are ignored, as some mirrors do. */
  withoutRange?: boolean;
  /** Answers as a host that no page may send If-Range to. */
  refusesIfRange?: boolean;
  bytesPerSecond?: number;
}

export interface HubServerOptions {
  /** Contents by "owner/name/path". */
  files: ReadonlyMap<string, Uint8Array>;
  commit?: string;
  faults?: HubFaults;
  /** Models that only who has the token may read, by "owner/name". */
  gated?: readonly string[];
  token?: string;
  /** Large files are redirected to this origin, as the Hub does. */
  largeFilesAt?: string;
  /** Models that a search finds beside those of `files`, as the Hub lists them with every field. */
  listed?: readonly ListedEntry[];
  /** Entries of a page of the list of files. */
  pageLength?: number;
  /** Takes what is pushed. */
  uploads?: HubUploads;
  /** Answers requests for a path (as in `files`) instead of the default. */
  answers?: ReadonlyMap<string, (request: IncomingMessage, response: ServerResponse) => void>;
}

/** A local HTTP server that answers as the Hub does: its API for models, files by revision, redirects, permissions. */
export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const { listener, requests, faults } = hubListener(options);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What `startHubServer` answers with, for a server of another kind. */
export function hubListener(options: HubServerOptions): Pick<HubServer, 'requests' | 'faults'> & { listener: RequestListener } {
  const requests: ServedRequest[] = [];
  const faults: HubFaults = { ...options.faults };
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = decodeURIComponent(url.pathname).slice(1);
    allowPages(request, response);
    if (request.method === 'OPTIONS') return answerPreflight(request, response, faults);
    const { host = '', range, authorization } = request.headers;
    const ifRange = request.headers['if-range'];
    requests.push({ method: request.method ?? '', path, host, range, ifRange: ifRange?.toString(), authorization });
    if (faults.refusesIfRange && ifRange !== undefined) return void request.socket.destroy();
    if (faults.busy && faults.busy.times > 0) return answerBusy(response, faults.busy);
    if (options.uploads?.answer(request, response, path)) return;
    new Answer(request, response, options, faults).send(path, url.searchParams);
  };
  return { listener, requests, faults };
}

function allowPages(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader(
    'access-control-expose-headers',
    'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range',
  );
}

function answerPreflight(request: IncomingMessage, response: ServerResponse, faults: HubFaults): void {
  const asked = request.headers['access-control-request-headers'] ?? '';
  const isRefused = faults.refusesIfRange && /if-range/i.test(asked);
  response
    .writeHead(
      isRefused ? 403 : 204,
      isRefused ? {} : { 'access-control-allow-headers': asked, 'access-control-allow-methods': 'GET, PUT, POST' },
    )
    .end();
}

function answerBusy(response: ServerResponse, busy: NonNullable<HubFaults['busy']>): void {
  busy.times -= 1;
  response.writeHead(busy.status, busy.retryAfter === undefined ? {} : { 'retry-after': busy.retryAfter }).end();
}

const defaultCommit = '607a30d783dfa663caf39e06633721c8d4cfcd7e';

class Answer {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: HubServerOptions;
  readonly #faults: HubFaults;
  readonly #commit: string;

  constructor(request: IncomingMessage, response: ServerResponse, options: HubServerOptions, faults: HubFaults) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#faults = faults;
    this.#commit = options.commit ?? defaultCommit;
  }

  send(path: string, query: URLSearchParams): void {
    const api = /^api\/models\/([^/]+(?:\/[^/]+)?)\/(revision|tree)\/(.+)$/.exec(path);
    if (api) return this.#sendApi(api[1] ?? '', api[2] === 'tree', api[3] ?? '', query);
    if (path === 'api/models') return this.#sendFound(query);
    const large = /^large\/([0-9a-f]{64})$/.exec(path);
    if (large) return this.#sendLarge(large[1] ?? '');
    const resolved = /^([^/]+(?:\/[^/]+)?)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (!resolved) return this.#sendPlain(path);
    const [, id = '', revision = '', file = ''] = resolved;
    const answer = this.#options.answers?.get(`${id}/${file}`);
    if (answer) return answer(this.#request, this.#response);
    this.#sendResolved(id, revision, file);
  }

  #sendApi(id: string, isTree: boolean, revision: string, query: URLSearchParams): void {
    const model = new HubModel(id, this.#options.files);
    if (!model.exists) return this.#refuse(401, 'RepoNotFound');
    if (revision !== 'main' && revision !== this.#commit) return this.#refuse(404, 'RevisionNotFound');
    if (!isTree) return this.#sendJson(model.info(this.#commit, this.#isGated(id)));
    const entries = model.tree();
    const length = this.#options.pageLength ?? 1000;
    const start = Number(query.get('cursor') ?? 0);
    if (start + length < entries.length) {
      const scheme = 'encrypted' in this.#request.socket ? 'https' : 'http';
      const next = new URL(this.#request.url ?? '/', `${scheme}://${this.#request.headers.host}`);
      next.searchParams.set('cursor', String(start + length));
      this.#response.setHeader('link', `<${next.href}>; rel="next"`);
    }
    this.#sendJson(entries.slice(start, start + length));
  }

  /** As /api/models answers: of each entry its id, and the fields that are asked for. */
  #sendFound(query: URLSearchParams): void {
    const words = (query.get('search') ?? '').toLowerCase();
    const task = query.get('pipeline_tag');
    const ids = new Set([...this.#options.files.keys()].map((key) => key.split('/').slice(0, 2).join('/')));
    const own = [...ids].map((id) => new HubModel(id, this.#options.files).listed(this.#isGated(id)));
    const found = [...own, ...(this.#options.listed ?? [])].filter(
      (entry) => entry.id.toLowerCase().includes(words) && (task === null || entry['pipeline_tag'] === task),
    );
    const asked = query.getAll('expand');
    const answers = found.slice(0, Number(query.get('limit') ?? 20)).map((entry) => ({
      _id: '621ffdc036468d709f17434d',
      ...Object.fromEntries(Object.entries(entry).filter(([field]) => field === 'id' || asked.includes(field))),
    }));
    this.#sendJson(answers);
  }

  #sendResolved(id: string, revision: string, path: string): void {
    const model = new HubModel(id, this.#options.files);
    const file = model.file(path);
    if (this.#isGated(id) && !this.#hasToken()) {
      return this.#request.headers.authorization ? this.#refuse(403, 'GatedRepo') : this.#refuse(401, 'GatedRepo');
    }
    this.#response.setHeader('x-repo-commit', this.#commit);
    if (model.exists && revision !== 'main' && revision !== this.#commit) return this.#refuse(404, 'RevisionNotFound');
    if (!file) return this.#refuse(404, 'EntryNotFound');
    if (file.isLarge && this.#options.largeFilesAt !== undefined) {
      this.#response.writeHead(302, { location: `${this.#options.largeFilesAt}/large/${file.digest}` }).end();
    } else this.#sendFile(file);
  }

  /** As any server does. */
  #sendPlain(path: string): void {
    const bytes = this.#options.files.get(path);
    if (bytes) this.#response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else this.#refuse(404, null);
  }

  #sendLarge(digest: string): void {
    const ids = new Set([...this.#options.files.keys()].map((key) => key.split('/').slice(0, 2).join('/')));
    const served = [...ids].flatMap((id) => new HubModel(id, this.#options.files).files);
    const file = served.find((candidate) => candidate.digest === digest);
    if (file) this.#sendFile(file);
    else this.#refuse(404, null);
  }

  #sendFile(file: ServedFile): void {
    const faults = file.isLarge ? this.#faults : {};
    const tag = faults.tag ?? `"${file.digest}"`;
    const { range, 'if-range': ifRange } = this.#request.headers;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    const isPart = asked !== null && !faults.withoutRange && (ifRange === undefined || ifRange === tag);
    const start = isPart ? Number(asked[1]) : 0;
    const end = isPart && asked[2] ? Math.min(file.bytes.length, Number(asked[2]) + 1) : file.bytes.length;
    if (isPart && start >= file.bytes.length) return this.#refuse(416, null);
    const headers = { etag: tag, 'accept-ranges': 'bytes', 'content-length': end - start };
    const total = { 'content-range': `bytes ${start}-${end - 1}/${file.bytes.length}` };
    this.#response.writeHead(isPart ? 206 : 200, isPart ? { ...headers, ...total } : headers);
    void this.#stream(faulty(file.bytes, faults), start, end, faults);
  }

  async #stream(bytes: Uint8Array, start: number, end: number, faults: HubFaults): Promise<void> {
    const cut = Math.min(faults.cutAtByte ?? Infinity, start + (faults.cutAfterBytes ?? Infinity));
    const pieceBytes = faults.bytesPerSecond === undefined ? 1 << 18 : Math.ceil(faults.bytesPerSecond / 20);
    for (let at = start; at < end && !this.#response.destroyed; at += pieceBytes) {
      const piece = bytes.subarray(at, Math.min(end, at + pieceBytes, Math.max(at, cut)));
      await new Promise((sent) => this.#response.write(piece, sent));
      if (faults.bytesPerSecond !== undefined) await new Promise((later) => setTimeout(later, 50));
      if (at + pieceBytes > cut) {
        // What is written has a moment to arrive before the connection is gone.
        setTimeout(() => this.#response.destroy(), 50);
        return;
      }
    }
    this.#response.end();
  }

  #isGated(id: string): boolean {
    return this.#options.gated?.includes(id) ?? false;
  }

  #hasToken(): boolean {
    return this.#request.headers.authorization === `Bearer ${this.#options.token}`;
  }

  #refuse(status: number, code: string | null): void {
    this.#response.writeHead(status, code === null ? {} : { 'x-error-code': code }).end();
  }

  #sendJson(value: unknown): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }
}

function faulty(bytes: Uint8Array, { wrongByteAt }: HubFaults): Uint8Array {
  if (wrongByteAt === undefined) return bytes;
  const changed = new Uint8Array(bytes);
  changed[wrongByteAt] = (changed[wrongByteAt] ?? 0) ^ 1;
  return changed;
}
