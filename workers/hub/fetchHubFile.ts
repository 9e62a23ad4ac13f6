import { authorization, openAccess, type HubAccess } from './access';
import { badResponse, offline, refusal } from './hubErrors';
import { hubFileUrl, type HubFile } from './modelId';

export interface HubRequest {
  access?: HubAccess;
  signal?: AbortSignal | undefined;
  /** Only the first bytes; a server may send more. */
  firstBytes?: number | undefined;
  /** From this byte on; a server may send all. */
  fromByte?: number | undefined;
  /** With `fromByte`: all bytes are wanted where the file's tag is not this one any more. */
  ifTag?: string | null | undefined;
}

export interface HubResponse {
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Of the whole file; null where the server does not tell. */
  sizeBytes: number | null;
  /** Where the first byte of `body` lies in the file; null where a part came and the server hides which. */
  startByte: number | null;
  /** The commit that served it; null where a redirect hides the header. */
  revision: string | null;
  /** A strong tag of the file's bytes, or null. */
  tag: string | null;
}

/**
 * Opens a file of the Hub as a stream; cancelling the stream ends the transfer. The token goes to the Hub's own host: a
 * redirect to another one leaves it behind (fetch standard, HTTP-redirect fetch, step 13).
 * @throws TuneletError 'hub/offline', 'hub/not-found', 'hub/forbidden', 'hub/busy' or 'hub/bad-response';
 *   the signal's reason when it aborts
 */
export async function fetchHubFile(file: HubFile, request: HubRequest = {}): Promise<HubResponse> {
  const access = request.access ?? openAccess();
  let response: Response;
  try {
    response = await fetch(hubFileUrl(file, access.endpoint), {
      headers: { ...authorization(access), ...rangeHeaders(request) },
      signal: request.signal ?? null,
    });
  } catch (error) {
    request.signal?.throwIfAborted();
    throw offline(file, access.endpoint, error);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(file, response, access);
  }
  if (response.body === null) throw badResponse(file, response.status, 'without any content');
  const range = contentRange(response);
  return {
    body: guarded(response.body, file, access, request.signal),
    sizeBytes: range ? range.sizeBytes : wholeSize(response),
    startByte: range ? range.startByte : 0,
    revision: response.headers.get('x-repo-commit'),
    tag: strongTag(response.headers.get('etag')),
  };
}

function rangeHeaders({ firstBytes, fromByte, ifTag }: HubRequest): Record<string, string> {
  if (firstBytes !== undefined) return { Range: `bytes=0-${firstBytes - 1}` };
  if (fromByte === undefined || fromByte === 0) return {};
  return { Range: `bytes=${fromByte}-`, ...(typeof ifTag === 'string' && { 'If-Range': ifTag }) };
}

/** Passes bytes on, and turns a connection that breaks half-way into an error with a remedy. */
function guarded(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  file: HubFile,
  access: HubAccess,
  signal: AbortSignal | undefined,
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
        signal?.throwIfAborted();
        throw offline(file, access.endpoint, error, loadedBytes);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Null for an answer that is the whole file. */
function contentRange(response: Response): Pick<HubResponse, 'startByte' | 'sizeBytes'> | null {
  if (response.status !== 206) return null;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  // The last host of a redirect may hide the header from pages.
  if (!range) return { startByte: null, sizeBytes: null };
  return { startByte: Number(range[1]), sizeBytes: range[2] === '*' ? null : Number(range[2]) };
}

/** A whole answer's length counts only where it was not compressed on the way. */
function wholeSize(response: Response): number | null {
  const length = response.headers.get('content-length');
  return length === null || response.headers.has('content-encoding') ? null : Number(length);
}

/** If-Range takes no weak tag: RFC 9110, section 13.1.5. */
function strongTag(header: string | null): string | null {
  return header !== null && /^"[\x21\x23-\x7e]{1,200}"$/.test(header) ? header : null;
}
