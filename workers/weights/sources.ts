import { TuneletError } from '../api/errors';
import type { HubRepository } from '../hub/repository';
import { withReadErrors, type FileSource } from './fileSource';

/** The folder that ships with the page. */
export function embeddedSource(folderUrl: string): FileSource {
  const folder = folderUrl.replace(/\/*$/, '/');
  const name = folder.split('/').at(-2) ?? 'embedded';
  const broken = (file: string) => (cause: string) =>
    new TuneletError(
      'hub/offline',
      `The embedded model’s ${file} could not be loaded from this page’s own server.`,
      'Reload the page. If it was opened from a server on this computer, check that it is still running.',
      { file, cause },
    );
  return {
    kind: 'embedded',
    name,
    revision: () => null,
    // As public/models/nano-gpt2/README.md says.
    licence: 'mit',
    listed: null,
    weightsFile: null,
    async open(fileName, { signal, firstBytes }) {
      const headers: Record<string, string> = firstBytes === undefined ? {} : { Range: `bytes=0-${firstBytes - 1}` };
      const response = await fetch(folder + fileName, { headers, signal: signal ?? null }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw broken(fileName)(String(error));
      });
      if (response.status === 404) return null;
      if (!response.ok || response.body === null) throw broken(fileName)(`answer ${response.status}`);
      return { body: withReadErrors(response.body, broken(fileName)), sizeBytes: wholeSize(response) };
    },
    onDisk: () => null,
  };
}

function wholeSize(response: Response): number | null {
  if (response.headers.has('content-encoding')) return null;
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const length = response.status === 206 ? total : response.headers.get('content-length');
  return length === undefined || length === null ? null : Number(length);
}

/** A repository of the Hub at one commit; what is kept of it on the device comes from there. */
export function hubSource(repository: HubRepository): FileSource {
  const { id, commit, files, licence } = repository.listing;
  return {
    kind: 'hub',
    name: id,
    revision: () => commit,
    licence,
    listed: files.map(({ path }) => path),
    weightsFile: repository.weightsFile,
    open: (fileName, options) => repository.open(fileName, options),
    onDisk: () => null,
  };
}

/**
 * Dropped files, wherever in the dropped folders they lie.
 * @throws TuneletError 'model/unsupported' when two files of one name leave it open which is meant
 */
export function localSource(files: readonly File[]): FileSource {
  const pathOf = (file: File) => file.webkitRelativePath || file.name;
  const depthOf = (file: File) => pathOf(file).split('/').length;
  const find = (fileName: string): File | null => {
    const named = files.filter((file) => file.name === fileName).sort((a, b) => depthOf(a) - depthOf(b));
    const [first, second] = named;
    if (first && second && depthOf(first) === depthOf(second)) {
      throw new TuneletError(
        'model/unsupported',
        `There are two files named ${fileName}: ${pathOf(first)} and ${pathOf(second)}.`,
        'Drop one model folder at a time.',
        { file: fileName },
      );
    }
    return first ?? null;
  };
  const folder = files.map((file) => pathOf(file).split('/')).find((path) => path.length > 1)?.[0];
  return {
    kind: 'files',
    name: folder ?? null,
    revision: () => null,
    licence: null,
    listed: files.map(pathOf),
    weightsFile: null,
    async open(fileName, { firstBytes }) {
      const file = find(fileName);
      if (file === null) return null;
      const body = firstBytes === undefined ? file.stream() : file.slice(0, firstBytes).stream();
      return { body: withReadErrors(body, (cause) => unreadable(fileName, cause)), sizeBytes: file.size };
    },
    onDisk: find,
  };
}

export function unreadable(file: string, cause: string): TuneletError {
  return new TuneletError(
    'model/missing-file',
    `${file} could not be read from the disk.`,
    'It may have been moved or changed since it was dropped. Drop it again.',
    { file, cause },
  );
}
