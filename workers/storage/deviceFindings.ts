import { get, set } from 'idb-keyval';

/**
 * What is known of the device, kept in the browser's database. Where there is none, or it is closed to this page (private
 * windows), nothing is kept: what is found out is found out again on the next visit.
 */
export const deviceFindings = {
  async read(key: string): Promise<unknown> {
    if (!('indexedDB' in globalThis)) return undefined;
    return get<unknown>(key).catch(() => undefined);
  },
  async write(key: string, value: unknown): Promise<void> {
    if (!('indexedDB' in globalThis)) return;
    await set(key, value).catch(() => undefined);
  },
};
