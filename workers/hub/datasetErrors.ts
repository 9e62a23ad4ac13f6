import { TuneletError } from '../api/errors';
import { retryAfterSeconds } from './hubErrors';

/** What was asked of the Hub about a dataset, for the words of an error. */
export interface DatasetQuestion {
  id: string;
  /** "its splits", "rows of train"; follows "for". */
  what: string;
  /** Its owners grant access; null while that is not known. */
  isGated: boolean | null;
  hasToken: boolean;
}

const byFile = 'Or download its files from its page and drop them here.';

/** An answer that is no success, in words. */
export function datasetRefusal(asked: DatasetQuestion, response: Response): TuneletError {
  const { status, headers } = response;
  const reason = headers.get('x-error-code');
  const details = { id: asked.id, status, ...(reason !== null && { reason }) };
  const isShut = status === 401 || status === 403 || reason?.startsWith('External') === true;
  if (isShut && asked.isGated === true) return gated(asked, details);
  if (isShut && asked.isGated === null && status === 401 && asked.hasToken) return badToken(details);
  if (isShut || (status === 404 && asked.isGated === null)) return notFound(asked, details);
  if (status === 404) {
    return new TuneletError(
      'hub/not-found',
      `The Hub has no ${asked.what} for ${asked.id} (answer 404).`,
      `Look the dataset up again: it may have changed. ${byFile}`,
      details,
    );
  }
  if (status === 429) return busy(asked, details, retryAfterSeconds(headers.get('retry-after')));
  // Some answers are made ahead of time, and say so until they are there.
  if (reason === 'ResponseNotReady' || reason === 'ResponseNotFound') return notReady(asked, details);
  if (status >= 500 && reason === null) return busy(asked, details, retryAfterSeconds(headers.get('retry-after')));
  return unservable(asked, details, reason ?? `answer ${status}`);
}

function gated(asked: DatasetQuestion, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    `The Hub keeps ${asked.id} behind a permission, so ${asked.what} cannot be read.`,
    asked.hasToken
      ? 'The account of your token has no access yet. Ask for it on the dataset’s page, or choose an open dataset.'
      : 'Ask for access on the dataset’s page, then give a read token here. It stays in this tab’s memory and is gone when you close it.',
    { ...details, access: asked.hasToken ? 'not-granted' : 'needs-token' },
  );
}

function badToken(details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'hub/forbidden',
    `The Hub does not accept the token (answer ${details['status']}).`,
    'It may have expired or been revoked. Give another one, or go on without: open datasets need none.',
    { ...details, access: 'bad-token' },
  );
}

function notFound(asked: DatasetQuestion, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'hub/not-found',
    `The Hub shows no dataset named ${asked.id} (answer ${details['status']}): it does not exist, or it is private.`,
    'Check the spelling: owner/name, for example stanfordnlp/sst2. For a private dataset, give a read token of your own.',
    { ...details, access: 'perhaps-private' },
  );
}

function busy(asked: DatasetQuestion, details: TuneletError['details'], waitSeconds: number | null): TuneletError {
  return new TuneletError(
    'hub/busy',
    `The Hub is busy and did not send ${asked.what} of ${asked.id} (answer ${details['status']}).`,
    waitSeconds === null ? 'Wait a minute and try again.' : `It asks to try again in ${waitSeconds} seconds.`,
    { ...details, ...(waitSeconds !== null && { retryAfterSeconds: waitSeconds }) },
  );
}

function notReady(asked: DatasetQuestion, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'hub/busy',
    `The Hub is still preparing ${asked.what} of ${asked.id}.`,
    'It takes a few minutes after a dataset was changed. Try again then.',
    details,
  );
}

function unservable(asked: DatasetQuestion, details: TuneletError['details'], reason: string): TuneletError {
  return new TuneletError(
    'hub/bad-response',
    `The Hub’s dataset viewer cannot serve ${asked.what} of ${asked.id}: ${reason}.`,
    `Choose another dataset. ${byFile}`,
    details,
  );
}

/** An answer that says something else than it should. */
export function badDatasetAnswer(asked: Pick<DatasetQuestion, 'id' | 'what'>, how: string): TuneletError {
  return new TuneletError(
    'hub/bad-response',
    `The Hub answered the question for ${asked.what} of ${asked.id} ${how}.`,
    `Try again later. ${byFile}`,
    { id: asked.id },
  );
}

export function datasetOffline(asked: Pick<DatasetQuestion, 'id' | 'what'>, endpoint: string, cause: unknown): TuneletError {
  return new TuneletError(
    'hub/offline',
    `${new URL(endpoint).host} could not be reached for ${asked.what} of ${asked.id}.`,
    'Check the connection and try again. The sample, kept datasets and files from your disk work without a network.',
    { id: asked.id, cause: cause instanceof Error ? cause.message : String(cause) },
  );
}

/** An error of a file’s way here, which speaks of models, with the words for a dataset. */
export function asDatasetError(thrown: unknown, id: string): unknown {
  if (!(thrown instanceof TuneletError) || !thrown.code.startsWith('hub/')) return thrown;
  const message = thrown.message.replaceAll(`datasets/${id}`, id).replaceAll('no model named', 'no dataset named');
  const remedy = remedies[thrown.details['access'] === 'bad-token' ? 'bad-token' : thrown.code] ?? thrown.remedy;
  return new TuneletError(thrown.code, message, remedy, { ...thrown.details, id });
}

const remedies: Record<string, string> = {
  'bad-token': 'It may have expired or been revoked. Give another one, or go on without: open datasets need none.',
  'hub/not-found': `Look the dataset up again: its files may have changed. ${byFile}`,
  'hub/forbidden': 'Ask for access on the dataset’s page, then give a read token of your own here.',
  'hub/bad-response': `Look the dataset up again. ${byFile}`,
  'hub/offline': 'Check the connection and go on: what came is kept. The sample and files from your disk work without a network.',
};
