import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A host that nobody should contact. */
export interface Sink {
  /** "http://127.0.0.1:40000": another origin than the page's. */
  origin: string;
  /** Method and path of every request so far. */
  heard: string[];
  close(): Promise<void>;
}

/** Answers everything, for every origin, and remembers it. */
export async function startSink(): Promise<Sink> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.end('heard');
  });
  server.on('upgrade', (request, socket) => {
    heard.push(`UPGRADE ${request.url}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, heard, close };
}
