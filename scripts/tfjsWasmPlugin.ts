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
      for (const name of names) {
        this.emitFile({ type: 'asset', fileName: `${folderName}/${name}`, source: readFileSync(join(folder, name)) });
      }
    },
  };
}

/**
 * Lets the backend's threads survive minification. It hands them the text of its own factory function, which uses the
 * variable `_scriptDir` outside that function behind a `typeof` guard. The minifier sees that the variable is declared,
 * drops the guard, and the text fails in the thread with a ReferenceError. With the declaration inside, the text is whole.
 * Belongs into the worker's build, where the backend is imported.
 */
export function tfjsWasmThreads(): Plugin {
  const outside = /^ {2}var _scriptDir = .*\n {2}if \(typeof __filename .*\n/m;
  const factoryStart = /^function\(WasmBackendModuleThreadedSimd\) \{$/m;
  return {
    name: 'tunelet:tfjs-wasm-threads',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /tfjs-backend-wasm-threaded-simd\.js$/ },
      handler(code) {
        if (!outside.test(code) || !factoryStart.test(code)) {
          this.error('This version of @tensorflow/tfjs-backend-wasm is built otherwise: check scripts/tfjsWasmPlugin.ts.');
        }
        return { code: code.replace(outside, '').replace(factoryStart, '$& var _scriptDir;'), map: null };
      },
    },
  };
}
