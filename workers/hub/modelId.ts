import { TuneletError } from '../api/errors';
import { hubEndpoint } from './access';

/** One file of a model repository at one revision (a branch, a tag or a commit). */
export interface HubFile {
  id: string;
  revision: string;
  path: string;
}

/**
 * Accepts "gpt2", "openai-community/gpt2" or the model page's address, and returns the id.
 * @throws TuneletError 'hub/not-found' for anything else
 */
export function parseModelId(text: string): string {
  const id = text
    .trim()
    .replace(/^https?:\/\/(www\.)?(huggingface\.co|hf\.co)\//, '')
    .replace(/\/(tree|blob)\/.*$/, '')
    .replace(/(\/[^/]+)\/$/, '$1');
  if (isRepositoryId(id)) return id;
  throw new TuneletError(
    'hub/not-found',
    `“${text.slice(0, 120)}” is not the name of a model on the Hugging Face Hub.`,
    'Write it as owner/name, for example openai-community/gpt2.',
    { id: text.slice(0, 120) },
  );
}

/**
 * A branch, a tag or a commit; what is left out is "main".
 * @throws TuneletError 'hub/not-found' for what no revision is named
 */
export function parseRevision(text: string | undefined): string {
  const revision = (text ?? '').trim() || 'main';
  if (/^(?!.*(\.\.|\/\/))[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/.test(revision)) return revision;
  throw new TuneletError(
    'hub/not-found',
    `“${revision.slice(0, 120)}” is not the name of a revision.`,
    'Write a branch such as main, a tag, or the 40 digits of a commit.',
    { revision: revision.slice(0, 120) },
  );
}

/** The address that serves a file's bytes, redirects included. */
export function hubFileUrl(file: HubFile, endpoint: string = hubEndpoint): string {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return `${endpoint.replace(/\/$/, '')}/${file.id}/resolve/${encodeURIComponent(file.revision)}/${path}`;
}

/** Whether the Hub may name a repository so, of models or of datasets: "name" or "owner/name". */
export function isRepositoryId(id: string): boolean {
  const part = /^(?!.*(--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$/;
  const parts = id.split('/');
  return parts.length <= 2 && parts.every((name) => part.test(name)) && !id.endsWith('.git');
}
