import { listFiles, modelInfo } from '@huggingface/hub';
import type { HubAccess } from './access';
import { apiFetch, licenceOf } from './hubApi';
import { isRecord } from '../api/isRecord';
import { badResponse } from './hubErrors';
import type { HubListing, ListedFile } from './listedFile';

// A repository with a folder for each of its checkpoints has a few thousand files.
const mostFiles = 10_000;

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
