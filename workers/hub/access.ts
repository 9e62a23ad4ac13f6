import { TuneletError } from '../api/errors';

/** Whom to ask, and as whom. */
export interface HubAccess {
  /** "https://huggingface.co"; tests name a server of their own. */
  endpoint: string;
  /** A read token of the user, or null. It goes to the endpoint's host alone, into no file and no message. */
  token: string | null;
  /** Before the first repeat of a request that failed; doubled each time. */
  retryDelayMs: number;
}

export const hubEndpoint = 'https://huggingface.co';

/** As anyone may read the Hub. */
export function openAccess(endpoint: string = hubEndpoint): HubAccess {
  return { endpoint: endpoint.replace(/\/$/, ''), token: null, retryDelayMs: 1000 };
}

/** @throws TuneletError 'hub/forbidden' for what cannot be a token; the message does not hold it */
export function checkToken(text: string): string {
  const token = text.trim();
  if (/^hf_[A-Za-z0-9_-]{4,200}$/.test(token)) return token;
  throw new TuneletError(
    'hub/forbidden',
    'That is not an access token of the Hugging Face Hub: it must start with hf_ and go on in letters and digits.',
    'Copy the whole token from huggingface.co/settings/tokens. A token that may only read is enough.',
    { access: 'bad-token' },
  );
}

export function authorization({ token }: HubAccess): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}
