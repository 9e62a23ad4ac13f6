import { TuneletError } from '../api/errors';

export function needsToken(): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    'Pushing to the Hub needs an access token of yours, and none was given.',
    'Make one that may write at huggingface.co/settings/tokens and paste it here.',
    { access: 'needs-token' },
  );
}

/** A token that may only read. */
export function readOnly(account: string): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    `The token of ${account} may only read, so nothing can be pushed with it.`,
    'Make one that may write at huggingface.co/settings/tokens and paste it here.',
    { access: 'read-only' },
  );
}

/** Of a repository that is there though the Hub shows it to this token as little as one that is not. */
export function nameTaken(id: string): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    `The name ${id} is taken on the Hub already, by a repository that this token may not see.`,
    'Choose another name, or paste a token that may read and write that repository.',
    { id, access: 'name-taken' },
  );
}

/** @throws TuneletError 'settings/invalid' for what the Hub takes for no repository's name */
export function checkRepositoryId(text: string, account: string): string {
  const trimmed = text.trim();
  const id = trimmed.includes('/') ? trimmed : `${account}/${trimmed}`;
  const part = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
  if (id.length <= 96 && new RegExp(`^${part}/${part}$`).test(id) && !/--|\.\.|\.git$/.test(id)) return id;
  throw new TuneletError(
    'settings/invalid',
    `“${trimmed.slice(0, 100)}” cannot be the name of a repository.`,
    'Use letters, digits, “-”, “_” and “.” between them, at most 96 characters: my-adapter, or my-team/my-adapter.',
    { setting: 'repository' },
  );
}

/** An answer of the Hub to a push that is no success. */
export function pushRefusal(what: string, status: number): TuneletError {
  const details = { id: what, status };
  if (status === 401) {
    return new TuneletError(
      'hub/forbidden',
      `The Hub does not accept the token for ${what} (answer 401).`,
      'It may have expired or been revoked. Paste another one that may write.',
      { ...details, access: 'bad-token' },
    );
  }
  if (status === 403) {
    return new TuneletError(
      'hub/forbidden',
      `The Hub does not let this token write to ${what} (answer 403).`,
      'Choose a repository of your own, or paste a token that may write there.',
      { ...details, access: 'read-only' },
    );
  }
  if (status === 404) {
    return new TuneletError(
      'hub/not-found',
      `The Hub has no place named ${what} (answer 404).`,
      'Check the spelling of the account or organisation before the slash.',
      details,
    );
  }
  if (status === 409 || status === 412) {
    return new TuneletError(
      'hub/busy',
      `Something else was written to ${what} at the same moment (answer ${status}).`,
      'Push again: what was uploaded is not sent a second time.',
      details,
    );
  }
  if (status === 413) {
    return new TuneletError(
      'hub/too-large',
      `The Hub has no room for ${what} (answer 413).`,
      'Push the adapter alone, or float16 numbers.',
      details,
    );
  }
  if (status === 429 || status >= 500) {
    return new TuneletError(
      'hub/busy',
      `The Hub is busy and did not take ${what} (answer ${status}).`,
      'Wait a minute and push again: what was uploaded is not sent a second time.',
      details,
    );
  }
  return new TuneletError(
    'hub/bad-response',
    `The Hub did not take ${what} (answer ${status}).`,
    'Download the files and upload them on the Hub’s own page.',
    details,
  );
}

/** No answer: no network, or a host that the page's policy does not let it contact. */
export function blocked(what: string, endpoint: string, cause: unknown): TuneletError {
  return new TuneletError(
    'hub/offline',
    `${new URL(endpoint).host}, or the storage that it named, could not be reached while pushing ${what}.`,
    'Check the connection and push again: what was uploaded is not sent a second time.',
    { id: what, cause: cause instanceof Error ? cause.message : String(cause) },
  );
}
