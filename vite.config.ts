import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { plainPreview } from './scripts/plainPreviewPlugin.ts';
import { tfjsWasm, tfjsWasmThreads } from './scripts/tfjsWasmPlugin.ts';

// Cross-origin isolation gives the TensorFlow.js wasm backend its threads.
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // The built page works from any folder of any server.
  base: './',
  plugins: [react(), tfjsWasm(), plainPreview()],
  worker: { format: 'es', plugins: () => [tfjsWasmThreads()] },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
});
