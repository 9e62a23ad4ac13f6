import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A repository that was pushed to. */
export interface PushedRepository {
  isPrivate: boolean;
  /** Contents by path; null for those that came through chunks, of which `oids` holds the checksum. */
  files: Map<string, Uint8Array | null>;
  /** SHA-256 of the large files by path. */
  oids: Map<string, string>;
  titles: string[];
}

export interface PlayedAccount {
  name: string;
  organisations: readonly string[];
  role: 'read' | 'write';
}

interface UploadOptions {
  /** By token. */
  accounts: Readonly<Record<string, PlayedAccount>>;
  /** Origin of the storage that large files go to; whole ("basic") or in chunks ("xet"). */
  storage: string;
  transfer: 'basic' | 'xet';
}

const commit = 'b5b972c2f1a4d0c1b1d1f5f0c2b6f8a6d6e3a111';
/** As the Hub tells large files: by the attributes of a new repository. */
const isLarge = (path: string): boolean => /\.(safetensors|gguf|bin)$/.test(path);

/** Takes repositories and commits as the Hub does: whose token it is, what is large, uploads to a storage, one commit. */
export class HubUploads {
  readonly repositories = new Map<string, PushedRepository>();
  /** Bytes that came in chunks. */
  chunkBytes = 0;
  /** Answers of this status to the next requests for a commit. */
  readonly refusedCommits: number[] = [];
  /** What befalls uploads to the storage, until it is set right again: the connection breaks in the middle, or nobody answers. */
  uploadFault: 'cut' | 'silent' | null = null;
  /** Uploads that it befell. */
  brokenUploads = 0;
  /** Repositories that are there and that no token may see. */
  readonly hidden = new Set<string>();
  readonly #options: UploadOptions;
  readonly #stored = new Map<string, Uint8Array>();

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** False for what is no matter of uploads. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    const route = this.#routeOf(request.method ?? '', path);
    if (!route) return false;
    if (this.uploadFault !== null && /^(lfs|v1)\//.test(path)) return this.#break(request, this.uploadFault);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = route(Buffer.concat(chunks), this.#accountOf(request));
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', etag: '"stored"' });
      response.end(JSON.stringify(answer.body ?? {}));
    });
    return true;
  }

  #break(request: IncomingMessage, fault: 'cut' | 'silent'): true {
    this.brokenUploads += 1;
    if (fault === 'cut') request.once('data', () => request.socket.destroy());
    return true;
  }

  #routeOf(method: string, path: string): Route | null {
    if (method === 'GET' && path === 'api/whoami-v2') return (_, account) => whoAmI(account);
    const [, id = ''] = /^api\/models\/([^/]+\/[^/]+)\//.exec(path) ?? [];
    if (method === 'GET' && path === `api/models/${id}/revision/HEAD`) {
      return this.repositories.has(id) ? () => ({ body: { _id: '1', id, sha: commit, tags: [] } }) : null;
    }
    if (method === 'PUT' && path.startsWith('lfs/')) return (body) => this.#store(path.slice(4), body);
    if (method !== 'POST') return null;
    if (path === 'api/repos/create') return (body, account) => this.#create(body, account);
    if (path.startsWith('v1/')) return (body) => this.#takeChunks(body);
    if (path === `api/models/${id}/preupload/main`) return (body) => preupload(body);
    if (path.endsWith('.git/info/lfs/objects/batch')) return (body) => this.#batch(body);
    if (path === `api/models/${id}/commit/main`) return (body) => this.#commit(id, body);
    return null;
  }

  #accountOf({ headers }: IncomingMessage): PlayedAccount | null {
    return this.#options.accounts[headers.authorization?.replace(/^Bearer /, '') ?? ''] ?? null;
  }

  #create(body: Buffer, account: PlayedAccount | null): Answer {
    const { name, organization, visibility } = JSON.parse(body.toString());
    const id = `${organization}/${name}`;
    const isOwn = account && [account.name, ...account.organisations].includes(organization);
    if (!account || account.role !== 'write' || !isOwn) return { status: 403, body: { error: 'Forbidden' } };
    if (this.repositories.has(id) || this.hidden.has(id)) return { status: 409, body: { error: 'It exists' } };
    this.repositories.set(id, { isPrivate: visibility === 'private', files: new Map(), oids: new Map(), titles: [] });
    return { body: { url: `https://huggingface.co/${id}`, id: '1' } };
  }

  #batch(body: Buffer): Answer {
    const { objects } = JSON.parse(body.toString());
    const { storage, transfer } = this.#options;
    const header = {
      'X-Xet-Cas-Url': storage,
      'X-Xet-Access-Token': 'chunks',
      'X-Xet-Token-Expiration': String(Math.floor(Date.now() / 1000) + 3600),
    };
    const upload = ({ oid }: { oid: string }) =>
      transfer === 'xet' ? { href: `${storage}/token`, header } : { href: `${storage}/lfs/${oid}` };
    return {
      body: {
        transfer,
        objects: objects.map((object: { oid: string; size: number }) => ({ ...object, actions: { upload: upload(object) } })),
      },
    };
  }

  #store(oid: string, body: Buffer): Answer {
    if (createHash('sha256').update(body).digest('hex') !== oid) return { status: 400 };
    this.#stored.set(oid, body);
    return {};
  }

  #takeChunks(body: Buffer): Answer {
    this.chunkBytes += body.length;
    return { body: { was_inserted: true, result: 1 } };
  }

  #commit(id: string, body: Buffer): Answer {
    const status = this.refusedCommits.shift();
    if (status !== undefined) return { status };
    const repository = this.repositories.get(id);
    if (!repository) return { status: 404 };
    for (const line of body.toString().split('\n')) {
      const { key, value } = JSON.parse(line);
      if (key === 'header') repository.titles.push(value.summary);
      if (key === 'file') repository.files.set(value.path, Buffer.from(value.content, value.encoding));
      if (key !== 'lfsFile') continue;
      repository.oids.set(value.path, value.oid);
      repository.files.set(value.path, this.#stored.get(value.oid) ?? null);
    }
    return { body: { commitOid: commit, commitUrl: `https://huggingface.co/${id}/commit/${commit}`, hookOutput: '' } };
  }
}

interface Answer {
  status?: number;
  body?: unknown;
}

type Route = (body: Buffer, account: PlayedAccount | null) => Answer;

function whoAmI(account: PlayedAccount | null): Answer {
  if (!account) return { status: 401, body: { error: 'Invalid token' } };
  const { name, organisations, role } = account;
  const orgs = organisations.map((organisation) => ({ type: 'org', name: organisation }));
  return {
    body: { type: 'user', id: '1', name, orgs, auth: { type: 'access_token', accessToken: { displayName: 'one', role } } },
  };
}

function preupload(body: Buffer): Answer {
  const { files } = JSON.parse(body.toString());
  return {
    body: { files: files.map(({ path }: { path: string }) => ({ path, uploadMode: isLarge(path) ? 'lfs' : 'regular' })) },
  };
}
