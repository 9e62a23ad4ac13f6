import { listFiles, modelInfo } from '@huggingface/hub';
import { authorization } from './access';
import type { HubAccess } from './access';
import { badResponse, offline, refusal } from './hubErrors';
import type { Asked } from './hubErrors';
import type { HubListing, ListedFile } from './listedFile';
import { whileBusy } from './retries';

// A repository with a folder for each of its checkpoints has a few thousand files; a page of the list about 200 KB.
const mostFiles = 10_000;
const mostAnswerBytes = 16 << 20;

/**
 * Asks the Hub's API for a repository at a revision. This file brings the Hub's library, so load it only when it is needed.
 * @param asked id and revision are checked before
 * @throws TuneletError 'hub/…'; the signal's reason when it aborts
 */
export async function listRepository(
  asked: { id: string; revision: string },
  access: HubAccess,
  signal?: AbortSignal,
): Promise<HubListing> {
  const request = apiFetch({ ...asked, path: null }, access, signal);
  const { id, revision } = asked;
  const info = await modelInfo({
    name: id,
    revision,
    hubUrl: access.endpoint,
    additionalFields: ['sha', 'safetensors', 'cardData'],
    fetch: request,
  });
  const commit: unknown = info.sha;
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit)) {
    throw badResponse({ ...asked, path: null }, 200, 'without naming a commit');
  }
  const files: ListedFile[] = [];
  const entries = listFiles({ repo: id, revision: commit, recursive: true, hubUrl: access.endpoint, fetch: request });
  for await (const entry of entries) {
    const file = checkedFile(entry);
    if (file) files.push(file);
    if (files.length >= mostFiles) break;
  }
  return {
    id,
    commit,
    files,
    parameterCount: countOf(info.safetensors),
    licence: licenceOf(info.cardData),
    isGated: info.gated === 'auto' || info.gated === 'manual',
  };
}

/** For the Hub's library: asks the endpoint alone, repeats while it is busy, and throws our own errors. */
function apiFetch(asked: Asked, access: HubAccess, signal: AbortSignal | undefined): typeof fetch {
  return (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== new URL(access.endpoint).origin) throw badResponse(asked, 200, `by pointing to ${url.host}`);
    const attempt = async (): Promise<Response> => {
      const headers = { accept: 'application/json', ...authorization(access) };
      const response = await fetch(url, { headers, signal: signal ?? null }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw offline(asked, access.endpoint, error);
      });
      if (response.ok) return bounded(response, asked, access, signal);
      await response.body?.cancel();
      throw refusal(asked, response, access);
    };
    return whileBusy(attempt, { retryDelayMs: access.retryDelayMs, signal });
  };
}

/** The same answer with its content read, and no more of it than a list of files can have. */
async function bounded(response: Response, asked: Asked, access: HubAccess, signal: AbortSignal | undefined): Promise<Response> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let loadedBytes = 0;
  try {
    for (let read = await reader?.read(); read?.value && loadedBytes <= mostAnswerBytes; read = await reader?.read()) {
      pieces.push(read.value);
      loadedBytes += read.value.length;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw offline(asked, access.endpoint, error, loadedBytes);
  }
  if (loadedBytes > mostAnswerBytes) {
    await reader?.cancel();
    throw badResponse(asked, response.status, `with more than ${mostAnswerBytes} bytes`);
  }
  const text = await new Blob(pieces).text();
  try {
    JSON.parse(text);
  } catch {
    throw badResponse(asked, response.status, 'with something that is not JSON');
  }
  return new Response(text, { status: response.status, headers: response.headers });
}

/** Null for folders, and for entries that lack what a download needs. */
function checkedFile(entry: { type: unknown; path: unknown; size: unknown; oid?: unknown; lfs?: unknown }): ListedFile | null {
  const { type, path } = entry;
  const large = isRecord(entry.lfs) ? entry.lfs : null;
  const sizeBytes = large ? large['size'] : entry.size;
  const digest = large ? large['oid'] : entry.oid;
  if (type !== 'file' || typeof path !== 'string' || path.length > 500 || typeof digest !== 'string') return null;
  if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return null;
  if (!(large ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(digest)) return null;
  return { path, sizeBytes, checksum: { kind: large ? 'sha256' : 'git', digest } };
}

function countOf(safetensors: unknown): number | null {
  const total = isRecord(safetensors) ? safetensors['total'] : null;
  return typeof total === 'number' && total > 0 ? total : null;
}

function licenceOf(card: unknown): string | null {
  if (!isRecord(card)) return null;
  const named = card['license'] === 'other' ? (card['license_name'] ?? 'other') : card['license'];
  const names = (Array.isArray(named) ? named : [named]).filter((name) => typeof name === 'string');
  return names.length === 0 ? null : names.join(', ').slice(0, 80);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
