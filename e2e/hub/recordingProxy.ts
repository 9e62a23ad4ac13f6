import { createServer, request as send, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { selfSignedCertificate } from './certificate';

export interface Recorded {
  method: string;
  /** "huggingface.co", "localhost:4391". */
  host: string;
  /** With its query. */
  path: string;
  headers: string;
  body: string;
}

/** The proxy brings certificates of its own. Of each form on any page Chrome itself asks its maker how to fill it in; that is no request of the page's. */
export const recordingLaunchArguments = ['--ignore-certificate-errors', '--disable-features=AutofillServerCommunication'];

/** A proxy through which a browser is to send all that it sends. */
export interface RecordingProxy {
  server: string;
  requests: Recorded[];
  close(): Promise<void>;
}

/**
 * Passes on what goes to this machine, lets `answers` play the hosts that it names, and swallows everything else; all is recorded, with
 * the contents of encrypted requests too, for it ends their encryption itself.
 */
export async function startRecordingProxy(answers: Readonly<Record<string, RequestListener>> = {}): Promise<RecordingProxy> {
  const requests: Recorded[] = [];
  const sockets = new Set<Duplex>();
  const played: RequestListener = (request, response) => {
    const host = request.headers.host ?? '';
    record(requests, request, host, request.url ?? '');
    const answer = Object.hasOwn(answers, host) ? answers[host] : undefined;
    if (answer) answer(request, response);
    else response.end('heard');
  };
  const secure = createSecureServer(selfSignedCertificate('proxy'), played);
  const proxy = createServer((request, response) => {
    const address = new URL(request.url ?? '', 'http://unknown');
    if (address.hostname !== 'localhost') return played(request, response);
    record(requests, request, address.host, address.pathname + address.search);
    passOn(address, request, response);
  });
  await listen(secure);
  proxy.on('connect', (request, socket, head) => {
    const isSecure = (request.url ?? '').endsWith(':443');
    if (!isSecure) requests.push({ method: 'CONNECT', host: request.url ?? '', path: '', headers: '', body: '' });
    if (!isSecure) return socket.destroy();
    const inner = connect(portOf(secure), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) inner.write(head);
      inner.pipe(socket).pipe(inner);
    });
    for (const end of [inner, socket]) {
      sockets.add(end);
      end.on('error', () => {
        inner.destroy();
        socket.destroy();
      });
    }
  });
  await listen(proxy);
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(
      [proxy, secure].map(
        (server) => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
      ),
    );
  };
  return { server: `http://127.0.0.1:${portOf(proxy)}`, requests, close };
}

function record(requests: Recorded[], request: IncomingMessage, host: string, path: string): void {
  const entry = { method: request.method ?? '', host, path, headers: JSON.stringify(request.headers), body: '' };
  requests.push(entry);
  request.on('data', (chunk: Buffer) => (entry.body += chunk.toString('latin1')));
}

function passOn(address: URL, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const further = send(address, { ...(method === undefined ? {} : { method }), headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  further.on('error', () => response.destroy());
  request.pipe(further);
}

function listen(server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server is not listening.');
  return address.port;
}
