import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface HubServer {
  endpoint: string;
  /** Every request so far: method, path and the Range header. */
  requests: { path: string; range: string | undefined }[];
  close(): Promise<void>;
}

export interface HubServerOptions {
  /** Contents by "owner/name/path". */
  files: ReadonlyMap<string, Uint8Array>;
  commit?: string;
  /** Ignores Range, as some mirrors do. */
  withoutRange?: boolean;
  /** Answers requests for a path (as in `files`) instead of the default. */
  answers?: ReadonlyMap<string, (request: IncomingMessage, response: ServerResponse) => void>;
}

/** A local HTTP server that answers /owner/name/resolve/revision/path as the Hub does. */
export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const requests: HubServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    requests.push({ path, range: request.headers.range });
    const key = path.replace(/\/resolve\/[^/]+/, '');
    const answer = options.answers?.get(key);
    if (answer) answer(request, response);
    else sendFile(request, response, options.files.get(key), options);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array | undefined,
  options: HubServerOptions,
): void {
  response.setHeader('x-repo-commit', options.commit ?? '607a30d783dfa663caf39e06633721c8d4cfcd7e');
  if (!content) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    return;
  }
  const range = /^bytes=0-(\d+)$/.exec(request.headers.range ?? '');
  if (!range || options.withoutRange) {
    response.writeHead(200, { 'content-length': content.length }).end(content);
    return;
  }
  const end = Math.min(content.length, Number(range[1]) + 1);
  response.writeHead(206, { 'content-length': end, 'content-range': `bytes 0-${end - 1}/${content.length}` });
  response.end(content.subarray(0, end));
}
