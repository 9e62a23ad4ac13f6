import { createSHA1, createSHA256 } from 'hash-wasm';

/** What the Hub says about a file's bytes. */
export interface ListedChecksum {
  /** Large files are listed with the SHA-256 of their bytes, small ones with git's: the SHA-1 of a header and the bytes. */
  kind: 'sha256' | 'git';
  /** 64 or 40 hexadecimal digits. */
  digest: string;
}

/** Takes a file's bytes in order. About 300 MB/s for SHA-256. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Hexadecimal; nothing can be added after it. */
  digest(): string;
}

/** @param sizeBytes of the whole file, which git's checksum begins with */
export async function startChecksum(kind: ListedChecksum['kind'], sizeBytes: number): Promise<Checksum> {
  const hasher = await (kind === 'sha256' ? createSHA256() : createSHA1());
  hasher.init();
  if (kind === 'git') hasher.update(new TextEncoder().encode(`blob ${sizeBytes}\0`));
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => hasher.digest('hex'),
  };
}
