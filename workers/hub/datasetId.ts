import { TuneletError } from '../api/errors';
import { isRepositoryId } from './modelId';

/**
 * Accepts "imdb", "stanfordnlp/imdb" or the dataset page's address, and returns the id.
 * @throws TuneletError 'hub/not-found' for anything else
 */
export function parseDatasetId(text: string): string {
  const id = text
    .trim()
    .replace(/^https?:\/\/(www\.)?(huggingface\.co|hf\.co)\//, '')
    .replace(/^datasets\//, '')
    .replace(/\/(tree|blob|viewer|discussions|resolve)(\/.*)?$/, '')
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '');
  if (isRepositoryId(id)) return id;
  throw new TuneletError(
    'hub/not-found',
    `“${text.slice(0, 120)}” is not the name of a dataset on the Hugging Face Hub.`,
    'Write it as owner/name, for example stanfordnlp/sst2.',
    { id: text.slice(0, 120) },
  );
}
