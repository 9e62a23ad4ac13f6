import type { BrowserContext, Page } from '@playwright/test';
import { decodeCheckpoint } from '../../workers/training/checkpoint';
import type { Checkpoint } from '../../workers/training/checkpointState';

/** A page of the same origin without Tunelet in it, from which its private files can be read and changed. */
export async function openBeside(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('./models/nano-gpt2/config.json');
  return page;
}

/** Contents by path, of the whole private file system. */
export async function privateFiles(beside: Page): Promise<Map<string, Buffer>> {
  const found = await beside.evaluate(async () => {
    const files: [path: string, base64: string][] = [];
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle, `${path}${name}/`);
        else if (handle instanceof FileSystemFileHandle) {
          const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
          let text = '';
          for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
          files.push([path + name, btoa(text)]);
        }
      }
    };
    await walk(await navigator.storage.getDirectory(), '');
    return files;
  });
  return new Map(found.map(([path, base64]) => [path, Buffer.from(base64, 'base64')]));
}

/** Writes over a private file, past everything that the product does to write whole. */
export async function overwrite(beside: Page, path: string, bytes: Buffer): Promise<void> {
  await beside.evaluate(
    async ({ names, base64 }) => {
      let folder = await navigator.storage.getDirectory();
      for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
      const writer = await (await folder.getFileHandle(names.at(-1) ?? '')).createWritable();
      await writer.write(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      await writer.close();
    },
    { names: path.split('/'), base64: bytes.toString('base64') },
  );
}

export interface KeptCheckpoint {
  path: string;
  bytes: Buffer;
  /** Null where the file is torn. */
  content: Checkpoint | null;
}

/** Both slots of each run, newest first; those that are torn last. */
export async function keptCheckpoints(beside: Page): Promise<KeptCheckpoint[]> {
  const slots = [...(await privateFiles(beside))].filter(([path]) => /checkpoint.*\.[01]$/.test(path));
  const read = slots.map(async ([path, bytes]): Promise<KeptCheckpoint> => {
    const content = await decodeCheckpoint(new Uint8Array(bytes)).catch(() => null);
    return { path, bytes, content };
  });
  const orderOf = ({ content }: KeptCheckpoint) => content?.order ?? -1;
  return (await Promise.all(read)).toSorted((a, b) => orderOf(b) - orderOf(a));
}

/** What the browser lets the page keep from now on; null: what it did at first. */
export async function limitQuota(page: Page, quotaBytes: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...(quotaBytes !== null && { quotaSize: quotaBytes }) });
}

/** As a browser does that needs room, or a user who deletes a site's data. */
export async function evict(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(page.url()).origin, storageTypes: 'all' });
}
