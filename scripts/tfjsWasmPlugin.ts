import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Connect, Plugin } from 'vite';

const folderName = 'tfjs-wasm';

/**
 * Offers TensorFlow.js' wasm binaries under `tfjs-wasm/`, beside index.html, in dev, preview, vitest and the build.
 * The backend picks one of three by what the browser can do, so it must be given the folder and never a single file.
 */
export function tfjsWasm(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
  const names = readdirSync(folder).filter((name) => name.endsWith('.wasm'));

  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const name = names.find((candidate) => path.endsWith(`/${folderName}/${candidate}`));
    if (name === undefined) return next();
    response.setHeader('Content-Type', 'application/wasm');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.end(readFileSync(join(folder, name)));
  };

  return {
    name: 'tunelet:tfjs-wasm',
    configureServer(server) {
      server.middlewares.use(serve);
    },
    generateBundle() {
      // Vite runs this once more for the worker's bundle; the same file name is then written once.
      for (const name of names) {
        this.emitFile({ type: 'asset', fileName: `${folderName}/${name}`, source: readFileSync(join(folder, name)) });
      }
    },
  };
}
