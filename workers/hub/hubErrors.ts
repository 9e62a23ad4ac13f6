import { TuneletError } from '../api/errors';
import type { HubAccess } from './access';

/** What was asked for, for the words of an error. */
export interface Asked {
  id: string;
  revision: string;
  /** Null for the list of files. */
  path: string | null;
  /** Of a search, which asks for no one model. */
  words?: string;
}

function inWordsOf({ id, path, words }: Asked): string {
  return words === undefined ? `${path ?? 'the list of files'} of ${id}` : `the models named “${words}”`;
}

/** An answer of the Hub that is no success, in words. */
export function refusal(asked: Asked, response: Response, access: HubAccess): TuneletError {
  const { status, headers } = response;
  const code = headers.get('x-error-code');
  const details = { id: asked.id, ...(asked.path !== null && { file: asked.path }), status };
  if (code === 'GatedRepo' || code === 'DisabledRepo' || status === 403) return forbidden(asked, details, access);
  if (status === 401 && access.token !== null) return unknownToken(details);
  if (status === 404 && (code === 'RevisionNotFound' || code === 'EntryNotFound' || (code === null && asked.path !== null))) {
    return missingPart(asked, code, details);
  }
  if (status === 404 || status === 401) {
    return new TuneletError(
      'hub/not-found',
      `The Hub shows no model named ${asked.id} (answer ${status}): it does not exist, or it is private.`,
      'Check the spelling: owner/name, for example openai-community/gpt2. For a private model, give a read token of your own.',
      { ...details, access: 'perhaps-private' },
    );
  }
  if (status === 429 || status >= 500) return busy(asked, details, retryAfterSeconds(headers.get('retry-after')));
  return badResponse(asked, status, `with the answer ${status}`);
}

function forbidden(asked: Asked, details: TuneletError['details'], access: HubAccess): TuneletError {
  const hasToken = access.token !== null;
  return new TuneletError(
    'hub/forbidden',
    `The Hub keeps ${asked.id} behind a permission, so ${asked.path ?? 'its list of files'} cannot be read.`,
    hasToken
      ? 'The account of your token has no access yet. Ask for it on the model’s page, or choose an open model.'
      : 'Ask for access on the model’s page, then give a read token here. It stays in this tab’s memory and is gone when you close it.',
    { ...details, access: hasToken ? 'not-granted' : 'needs-token' },
  );
}

function unknownToken(details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    'The Hub does not accept the token (answer 401).',
    'It may have expired or been revoked. Give another one, or go on without: open models need none.',
    { ...details, access: 'bad-token' },
  );
}

function missingPart(asked: Asked, code: string | null, details: TuneletError['details']): TuneletError {
  const isRevision = code === 'RevisionNotFound';
  const what = isRevision ? `no revision “${asked.revision}”` : `no file ${asked.path} at revision “${asked.revision}”`;
  return new TuneletError(
    'hub/not-found',
    `${asked.id} on the Hub has ${what}.`,
    'Check the name and revision on the model’s page, or choose a model with config.json, tokenizer and model.safetensors.',
    { ...details, missing: isRevision ? 'revision' : 'file' },
  );
}

function busy(asked: Asked, details: TuneletError['details'], waitSeconds: number | null): TuneletError {
  return new TuneletError(
    'hub/busy',
    `The Hub is busy and did not send ${inWordsOf(asked)} (answer ${details['status']}).`,
    waitSeconds === null ? 'Wait a minute and try again.' : `It asks to try again in ${inWords(waitSeconds)}.`,
    { ...details, ...(waitSeconds !== null && { retryAfterSeconds: waitSeconds }) },
  );
}

export function badResponse(asked: Asked, status: number, how: string): TuneletError {
  return new TuneletError(
    'hub/bad-response',
    `The Hub answered the request for ${inWordsOf(asked)} ${how}.`,
    'Try again later, or drop the model’s files here.',
    { id: asked.id, ...(asked.path !== null && { file: asked.path }), status },
  );
}

/** No answer, or none to its end. */
export function offline(asked: Asked, endpoint: string, cause: unknown, loadedBytes = 0): TuneletError {
  const host = new URL(endpoint).host;
  const happened =
    loadedBytes === 0 ? `${host} could not be reached` : `The connection to ${host} broke after ${loadedBytes} bytes`;
  return new TuneletError(
    'hub/offline',
    `${happened} while loading ${inWordsOf(asked)}.`,
    'Check the connection and try again. The embedded model, kept models and files from your disk work without a network.',
    {
      id: asked.id,
      ...(asked.path !== null && { file: asked.path }),
      loadedBytes,
      cause: cause instanceof Error ? cause.message : String(cause),
    },
  );
}

/** Seconds, or a date; null for anything else. RFC 9110, section 10.2.3. */
export function retryAfterSeconds(header: string | null, nowMs = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,7}$/.test(header.trim())) return Number(header);
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? null : Math.max(0, Math.ceil((dateMs - nowMs) / 1000));
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}
