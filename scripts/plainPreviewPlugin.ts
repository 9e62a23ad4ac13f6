import type { Plugin } from 'vite';

/**
 * Lets `vite preview` send files as they are. It would compress them, also the answers to range requests, and Chrome's
 * cache then joins compressed and plain parts of one file: weights read again from it end too early.
 */
export function plainPreview(): Plugin {
  return {
    name: 'tunelet:plain-preview',
    configurePreviewServer(server) {
      server.middlewares.use((request, _response, next) => {
        delete request.headers['accept-encoding'];
        next();
      });
    },
  };
}
