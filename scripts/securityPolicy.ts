/** The one source of what the browser may load, run and contact. `public/_headers` and `deploy/nginx.conf` are written from it. */

/** The Hub, and where its downloads lead: its storage and CDN hosts lie under hf.co, three old ones under huggingface.co. */
export const hubHosts: readonly string[] = [
  'https://huggingface.co',
  'https://datasets-server.huggingface.co',
  'https://*.hf.co',
  'https://cdn-lfs.huggingface.co',
  'https://cdn-lfs-us-1.huggingface.co',
  'https://cdn-lfs-eu-1.huggingface.co',
];

type Policy = Readonly<Record<string, readonly string[]>>;

const connections = ["'self'", ...hubHosts];

/** What a `<meta>` element can carry. */
const documentPolicy: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'"],
  'font-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': connections,
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  // Made by src/client/trainerClient.ts for the address of the worker.
  'trusted-types': ['tunelet-worker'],
};

const pagePolicy: Policy = { ...documentPolicy, 'frame-ancestors': ["'none'"] };

/**
 * A worker fetched by its address is held to the policy that its own script came with, not to the page's. The threads of
 * TensorFlow.js start from blobs, and Trusted Types would stop them.
 */
const workerPolicy: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'", 'blob:', "'wasm-unsafe-eval'"],
  'worker-src': ["'self'", 'blob:'],
  'connect-src': connections,
};

/** Cross-origin isolation gives the threads of WebAssembly their shared memory. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

const everywhere: Readonly<Record<string, string>> = {
  ...isolationHeaders,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const policyHeader = 'Content-Security-Policy';
const pagePaths = ['/', '/index.html'];
/** Where the build puts every script; on what is no script of a worker, its policy does nothing. */
const scriptFolder = '/assets/';

/** What an answer for this path of the site is sent with; the page has one address, and everything else is a file. */
export function headersFor(path: string): Record<string, string> {
  if (pagePaths.includes(path)) return { ...everywhere, [policyHeader]: textOf(pagePolicy) };
  if (path.startsWith(scriptFolder)) return { ...everywhere, [policyHeader]: textOf(workerPolicy) };
  return { ...everywhere };
}

/** For the `<meta>` element of the built page. */
export function metaPolicy(): string {
  return textOf(documentPolicy);
}

/**
 * The `_headers` file of Netlify and Cloudflare Pages. Both join what several rules give one path, and two joined policies
 * would both hold: no path gets a policy from two rules.
 */
export function staticHostHeaders(): string {
  const rules: [string, Readonly<Record<string, string>>][] = [
    ['/*', everywhere],
    ...pagePaths.map((path): [string, Record<string, string>] => [path, { [policyHeader]: textOf(pagePolicy) }]),
    [`${scriptFolder}*`, { [policyHeader]: textOf(workerPolicy) }],
  ];
  const lines = rules.map(([path, headers]) =>
    [path, ...headerLines(headers, (name, value) => `  ${name}: ${value}`)].join('\n'),
  );
  return `# Written from scripts/securityPolicy.ts.\n${lines.join('\n\n')}\n`;
}

/** A snippet for a `server` block of nginx whose root is the built page. */
export function nginxHeaders(): string {
  const directives = (path: string) =>
    headerLines(headersFor(path), (name, value) => `  add_header ${name} "${value}" always;`).join('\n');
  return `# Written from scripts/securityPolicy.ts. Include it in a server block whose root is the built page (dist).

location / {
${directives('/')}
}

location ${scriptFolder} {
${directives(scriptFolder)}
}
`;
}

function headerLines(headers: Readonly<Record<string, string>>, line: (name: string, value: string) => string): string[] {
  return Object.entries(headers).map(([name, value]) => line(name, value));
}

function textOf(policy: Policy): string {
  return Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');
}
