import type { Plugin } from 'vite';
import { headersFor, metaPolicy } from './securityPolicy.ts';

const charset = '<meta charset="utf-8" />';

/** Puts the page's policy into the built index.html, for hosts that send no headers, and lets `vite preview` send all of them. */
export function securityPolicy(): Plugin {
  return {
    name: 'tunelet:security-policy',
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        for (const [name, value] of Object.entries(headersFor(path))) response.setHeader(name, value);
        next();
      });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { path, server }) {
        // The development server's own scripts are inline, and the pages of checks are driven by scripts of theirs.
        if (server || path !== '/index.html') return html;
        if (!html.includes(charset)) throw new Error(`index.html must have ${charset}, after which its policy is written.`);
        return html.replace(charset, `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${metaPolicy()}" />`);
      },
    },
  };
}
