/** What Chrome and Edge have and the type library does not know yet. */
interface SavePicker {
  showSaveFilePicker(options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

export type Asked = { kind: 'file'; file: FileSystemFileHandle } | { kind: 'declined' } | { kind: 'not-offered' };

/** Asks where a large zip is to go, so that it is written there directly; call it while a press of the user's is fresh. */
export async function askForFile(suggestedName: string): Promise<Asked> {
  const page: object = globalThis;
  if (!hasSavePicker(page)) return { kind: 'not-offered' };
  try {
    const types = [{ description: 'Zip archive', accept: { 'application/zip': ['.zip'] } }];
    return {
      kind: 'file',
      file: await page.showSaveFilePicker({ suggestedName: suggestedName.replaceAll(/[\\/:*?"<>|]/g, ' '), types }),
    };
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return { kind: 'declined' };
    throw thrown;
  }
}

function hasSavePicker(global: object): global is SavePicker {
  return 'showSaveFilePicker' in global;
}
