import type { Page } from '@playwright/test';

/** All that the page has stored in the browser, as one text: local and session storage, IndexedDB, cookies, and its private files. */
export async function storedText(page: Page): Promise<string> {
  const state = JSON.stringify(await page.context().storageState({ indexedDB: true }));
  return state + (await page.evaluate(readEverything));
}

/** Runs in the page. Files go in as Latin-1, so that bytes in between disturb nothing; weights are left out. */
async function readEverything(): Promise<string> {
  const texts = [JSON.stringify(sessionStorage), JSON.stringify(localStorage)];
  const read = async (folder: FileSystemDirectoryHandle): Promise<void> => {
    for await (const [name, handle] of folder.entries()) {
      texts.push(name);
      if (handle.kind === 'directory') await read(handle as FileSystemDirectoryHandle);
      else {
        const file = await (handle as FileSystemFileHandle).getFile();
        if (file.size < 8e6) texts.push(new TextDecoder('latin1').decode(await file.arrayBuffer()));
      }
    }
  };
  await read(await navigator.storage.getDirectory());
  return texts.join('\n');
}
