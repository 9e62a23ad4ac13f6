import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { plainPreview } from './scripts/plainPreviewPlugin.ts';
import { securityPolicy } from './scripts/policyPlugin.ts';
import { isolationHeaders } from './scripts/securityPolicy.ts';
import { tfjsWasm, tfjsWasmThreads } from './scripts/tfjsWasmPlugin.ts';

export default defineConfig({
  // The built page works from any folder of any server.
  base: './',
  // The page has one address; nothing else may be answered with it, without its policy.
  appType: 'mpa',
  plugins: [react(), tfjsWasm(), plainPreview(), securityPolicy()],
  worker: { format: 'es', plugins: () => [tfjsWasmThreads()] },
  server: { headers: isolationHeaders },
  build: { target: 'es2023', chunkSizeWarningLimit: 2500 },
});
