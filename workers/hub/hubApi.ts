import { authorization, type HubAccess } from './access';
import { boundedText } from './boundedText';
import { badResponse, offline, refusal, type Asked } from './hubErrors';
import { whileBusy } from './retries';
import { isRecord } from '../api/isRecord';

// A page of a list of files has about 200 KB.
const mostAnswerBytes = 16 << 20;

/**
 * For the Hub's library: asks the endpoint alone, repeats while it is busy, and throws our own errors.
 * @param isPatient false: a busy Hub is an error at once
 */
export function apiFetch(asked: Asked, access: HubAccess, signal: AbortSignal | undefined, isPatient = true): typeof fetch {
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
    if (!isPatient) return attempt();
    return whileBusy(attempt, { retryDelayMs: access.retryDelayMs, signal });
  };
}

/** The same answer with its content read, and no more of it than a list of files can have. */
async function bounded(response: Response, asked: Asked, access: HubAccess, signal: AbortSignal | undefined): Promise<Response> {
  const text = await boundedText(response, mostAnswerBytes).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw offline(asked, access.endpoint, error);
  });
  if (text === null) throw badResponse(asked, response.status, `with more than ${mostAnswerBytes} bytes`);
  try {
    JSON.parse(text);
  } catch {
    throw badResponse(asked, response.status, 'with something that is not JSON');
  }
  return new Response(text, { status: response.status, headers: response.headers });
}

/** As a model's card states it, under the Hub's own names. */
export function licenceOf(card: unknown): string | null {
  if (!isRecord(card)) return null;
  const named = card['license'] === 'other' ? (card['license_name'] ?? 'other') : card['license'];
  const names = (Array.isArray(named) ? named : [named]).filter((name) => typeof name === 'string');
  return names.length === 0 ? null : names.join(', ').slice(0, 80);
}
