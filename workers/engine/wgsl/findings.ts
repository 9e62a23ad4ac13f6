import type { FindingStore } from './kernelProof';

/** What is known of a device: proofs by the hash of their sources, and the variants that were measured to be fastest. */
export class Findings {
  private readonly store: FindingStore | null;
  private readonly key: string;
  private readonly proofs = new Map<string, boolean>();
  private readonly fastest = new Map<string, string>();
  private loaded: Promise<void> | null = null;
  private changed = false;

  /** `store`: null keeps findings as long as this object lives. */
  constructor(store: FindingStore | null, key: string) {
    this.store = store;
    this.key = key;
  }

  /** Reads what earlier visits found; once. */
  async load(): Promise<void> {
    this.loaded ??= this.read();
    return this.loaded;
  }

  proofOf(hash: string): boolean | undefined {
    return this.proofs.get(hash);
  }

  setProof(hash: string, passed: boolean): void {
    this.proofs.set(hash, passed);
    this.changed = true;
  }

  fastestOf(key: string): string | undefined {
    return this.fastest.get(key);
  }

  setFastest(key: string, variant: string): void {
    this.fastest.set(key, variant);
    this.changed = true;
  }

  /** Keeps what was found since the last call. */
  async save(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    await this.store?.write(this.key, {
      proofs: Object.fromEntries(this.proofs),
      fastest: Object.fromEntries(this.fastest),
    });
  }

  private async read(): Promise<void> {
    const kept = await this.store?.read(this.key);
    for (const [hash, passed] of entriesOf(kept, 'proofs')) if (typeof passed === 'boolean') this.proofs.set(hash, passed);
    for (const [key, variant] of entriesOf(kept, 'fastest')) if (typeof variant === 'string') this.fastest.set(key, variant);
  }
}

/** Entries of one of the kept tables; none where something else was kept. */
function entriesOf(kept: unknown, table: string): [string, unknown][] {
  if (typeof kept !== 'object' || kept === null) return [];
  const found: unknown = Reflect.get(kept, table);
  return typeof found === 'object' && found !== null ? Object.entries(found) : [];
}

/** SHA-256 as hexadecimal digits. */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Adapter and browser: a driver that changes comes with another description or another browser. */
export function deviceKey({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const browser = globalThis.navigator?.userAgent ?? 'no browser';
  return ['device', vendor, architecture, device, description, browser].join(' | ');
}
