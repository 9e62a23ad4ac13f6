import { createHash } from 'node:crypto';

export interface ServedFile {
  path: string;
  bytes: Uint8Array;
  /** Kept by the Hub outside of git, and listed by its SHA-256. */
  isLarge: boolean;
  digest: string;
}

/** An entry of a search, with every field. */
export interface ListedEntry {
  id: string;
  [field: string]: unknown;
}

const digests = new WeakMap<Uint8Array, { sha256: string; git: string }>();

/** A repository of the test server, made of the files whose names begin with its id. */
export class HubModel {
  readonly id: string;
  readonly #files: ReadonlyMap<string, Uint8Array>;

  /** @param files contents by "owner/name/path", of all repositories */
  constructor(id: string, files: ReadonlyMap<string, Uint8Array>) {
    this.id = id;
    this.#files = files;
  }

  get files(): ServedFile[] {
    const prefix = `${this.id}/`;
    const paths = [...this.#files.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    return paths.flatMap((path) => this.file(path) ?? []);
  }

  get exists(): boolean {
    return [...this.#files.keys()].some((key) => key.startsWith(`${this.id}/`));
  }

  file(path: string): ServedFile | null {
    const bytes = this.#files.get(`${this.id}/${path}`);
    if (!bytes) return null;
    const isLarge = /\.(safetensors|gguf|bin)$/.test(path);
    const { sha256, git } = digestsOf(bytes);
    return { path, bytes, isLarge, digest: isLarge ? sha256 : git };
  }

  /** As /api/models/ID/revision/REVISION answers, with the fields that are asked for. */
  info(commit: string, isGated: boolean): object {
    return {
      _id: '621ffdc036468d709f17434d',
      id: this.id,
      private: false,
      gated: isGated ? 'manual' : false,
      downloads: 12,
      likes: 3,
      lastModified: '2026-03-01T12:00:00.000Z',
      pipeline_tag: 'text-generation',
      sha: commit,
      safetensors: { parameters: { F16: 5_389_056 }, total: 5_389_056 },
      cardData: { license: 'apache-2.0', tags: ['text'] },
    };
  }

  /** As /api/models lists it. */
  listed(isGated: boolean): ListedEntry {
    const config = this.file('config.json');
    const read: unknown = config === null ? null : JSON.parse(new TextDecoder().decode(config.bytes));
    const hasType = typeof read === 'object' && read !== null && 'model_type' in read;
    const has = (suffix: string) => this.files.some(({ path }) => path.endsWith(suffix));
    return {
      id: this.id,
      pipeline_tag: 'text-generation',
      gated: isGated ? 'manual' : false,
      tags: [...(has('.safetensors') ? ['safetensors'] : []), ...(has('.gguf') ? ['gguf'] : [])],
      ...(hasType && { config: { model_type: read.model_type } }),
      ...(has('.safetensors') && { safetensors: { parameters: { F16: 5_389_056 }, total: 5_389_056 } }),
      cardData: { license: 'apache-2.0' },
    };
  }

  /** As /api/models/ID/tree/REVISION answers. */
  tree(): object[] {
    const folders = new Set(this.files.flatMap(({ path }) => path.split('/').slice(0, -1)));
    const files = this.files.map(({ path, bytes, isLarge, digest }) => {
      const entry = { type: 'file', oid: digestsOf(bytes).git, size: bytes.length, path };
      return isLarge ? { ...entry, lfs: { oid: digest, size: bytes.length, pointerSize: 134 } } : entry;
    });
    return [...[...folders].map((path) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path })), ...files];
  }
}

function digestsOf(bytes: Uint8Array): { sha256: string; git: string } {
  const known = digests.get(bytes);
  if (known) return known;
  const header = `blob ${bytes.length}\0`;
  const made = {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    git: createHash('sha1').update(header).update(bytes).digest('hex'),
  };
  digests.set(bytes, made);
  return made;
}
