import { TuneletError } from '../api/errors';
import { hubEndpoint, hubFileUrl } from './modelId';
import type { HubFile } from './modelId';

export interface HubRequest {
  endpoint?: string;
  signal?: AbortSignal;
  /** Only the first bytes; a server may send more. */
  firstBytes?: number;
}

export interface HubResponse {
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Of the whole file; null where the server does not tell. */
  sizeBytes: number | null;
  /** The commit that served it; null where a redirect hides the header. */
  revision: string | null;
}

/**
 * Opens a file of the Hub as a stream; cancelling the stream ends the transfer.
 * @throws TuneletError 'hub/offline', 'hub/not-found', 'hub/forbidden', 'hub/busy' or 'hub/bad-response';
 *   the signal's reason when it aborts
 */
export async function fetchHubFile(file: HubFile, request: HubRequest = {}): Promise<HubResponse> {
  const url = hubFileUrl(file, request.endpoint);
  const headers: Record<string, string> = {};
  if (request.firstBytes !== undefined) headers['Range'] = `bytes=0-${request.firstBytes - 1}`;
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: request.signal ?? null });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw offline(file, request.endpoint, error);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(file, response);
  }
  if (response.body === null) throw badResponse(file, response.status, 'without any content');
  return {
    body: guarded(response.body, file, request),
    sizeBytes: wholeSize(response),
    revision: response.headers.get('x-repo-commit'),
  };
}

/** Passes bytes on, and turns a connection that breaks half-way into an error with a remedy. */
function guarded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  file: HubFile,
  request: HubRequest,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let loadedBytes = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        loadedBytes += value.byteLength;
        controller.enqueue(value);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw offline(file, request.endpoint, error, loadedBytes);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A part says the whole size itself; a whole answer's length counts only where it was not compressed on the way. */
function wholeSize(response: Response): number | null {
  if (response.status === 206) {
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    return total === undefined ? null : Number(total);
  }
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? null : Number(length);
}

function refusal(file: HubFile, response: Response): TuneletError {
  const { status } = response;
  const code = response.headers.get('x-error-code');
  const details = { id: file.id, file: file.path, status };
  if (status === 403 || code === 'GatedRepo' || code === 'DisabledRepo') {
    return new TuneletError(
      'hub/forbidden',
      `The Hub keeps ${file.id} behind a permission, so ${file.path} cannot be read.`,
      'Download the model with your own account and drop its folder here, or choose an open model.',
      details,
    );
  }
  if (status === 404 && code !== 'RepoNotFound') return missingFile(file, code, details);
  if (status === 404 || status === 401) {
    return new TuneletError(
      'hub/not-found',
      `The Hub shows no model named ${file.id} (answer ${status}): it does not exist, or it is private.`,
      'Check the spelling: owner/name, for example openai-community/gpt2. Drop the folder of a private model instead.',
      details,
    );
  }
  if (status === 429 || status >= 500) {
    return new TuneletError(
      'hub/busy',
      `The Hub is busy and did not send ${file.path} of ${file.id} (answer ${status}).`,
      'Wait a minute and try again.',
      details,
    );
  }
  return badResponse(file, status, `with the answer ${status}`);
}

function missingFile(file: HubFile, code: string | null, details: TuneletError['details']): TuneletError {
  const what =
    code === 'RevisionNotFound' ? `no revision “${file.revision}”` : `no file ${file.path} at revision “${file.revision}”`;
  return new TuneletError(
    'hub/not-found',
    `${file.id} on the Hub has ${what}.`,
    'Check the name and revision on the model’s page, or choose a model with config.json, tokenizer and model.safetensors.',
    { ...details, missing: code === 'RevisionNotFound' ? 'revision' : 'file' },
  );
}

function badResponse(file: HubFile, status: number, how: string): TuneletError {
  return new TuneletError(
    'hub/bad-response',
    `The Hub answered the request for ${file.path} of ${file.id} ${how}.`,
    'Try again later, or drop the model’s files here.',
    { id: file.id, file: file.path, status },
  );
}

function offline(file: HubFile, endpoint: string | undefined, cause: unknown, loadedBytes = 0): TuneletError {
  const host = new URL(endpoint ?? hubEndpoint).host;
  const happened =
    loadedBytes === 0 ? `${host} could not be reached` : `The connection to ${host} broke after ${loadedBytes} bytes`;
  return new TuneletError(
    'hub/offline',
    `${happened} while loading ${file.path} of ${file.id}.`,
    'Check the connection and try again. The embedded model and files from your disk work without a network.',
    { id: file.id, file: file.path, loadedBytes, cause: cause instanceof Error ? cause.message : String(cause) },
  );
}
