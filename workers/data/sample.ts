import { TuneletError } from '../api/errors';
import type { ReadOptions } from './decode';
import { openDataset, type OpenedDataset } from './openDataset';

/** The dataset that comes with the page; paths are relative to the page's base address. */
export const sampleDataset = {
  name: 'bank messages',
  trainPath: 'samples/bank-messages/train.csv',
  testPath: 'samples/bank-messages/test.csv',
  attribution: 'BANKING77 by Casanueva et al. (2020), CC BY 4.0; eight of its 77 intents.',
} as const;

/** Fetches and opens the sample. `baseUrl` is absolute and ends in a slash. Throws hub/bad-response where a file is missing. */
export async function openSample(baseUrl: string, options: ReadOptions = {}): Promise<OpenedDataset> {
  const { name, attribution, trainPath, testPath } = sampleDataset;
  const [train, test] = await Promise.all([fetchFile(baseUrl, trainPath, options), fetchFile(baseUrl, testPath, options)]);
  return await openDataset({ train, test }, { ...options, name, attribution });
}

async function fetchFile(baseUrl: string, path: string, { signal }: ReadOptions): Promise<File> {
  const response = await fetch(new URL(path, baseUrl), signal ? { signal } : {});
  // A single-page server answers a missing file with its start page.
  if (!response.ok || response.headers.get('content-type')?.includes('text/html')) {
    throw new TuneletError(
      'hub/bad-response',
      `Fetching the sample dataset, ${path} came back with status ${response.status} and no table.`,
      'Serve the page with its public files, or drop a file of your own.',
      { path, status: response.status },
    );
  }
  return new File([await response.blob()], path.slice(path.lastIndexOf('/') + 1), { type: 'text/csv' });
}
