import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headersFor, metaPolicy, nginxHeaders, staticHostHeaders } from './securityPolicy';

const hostFile = new URL('../public/_headers', import.meta.url);
const nginxFile = new URL('../deploy/nginx.conf', import.meta.url);
const read = (file: URL): string => readFileSync(file, 'utf8');
const paths = ['/', '/index.html', '/assets/trainer.worker-x.js', '/assets/index-x.css', '/models/nano-gpt2/config.json'];

/** Directives with their sources; throws where one stands twice, of which a browser would drop the second. */
function parsePolicy(text: string | undefined): Map<string, string[]> {
  const directives = (text ?? '').split(';').map((part) => part.trim().split(/\s+/));
  const policy = new Map(directives.map(([name = '', ...sources]) => [name, sources] as const));
  expect(policy.size).toBe(directives.length);
  return policy;
}

describe('the policy', () => {
  const page = parsePolicy(headersFor('/')['Content-Security-Policy']);
  const worker = parsePolicy(headersFor('/assets/trainer.worker-x.js')['Content-Security-Policy']);

  it('lets neither page nor worker evaluate text, and contact the Hub alone', () => {
    for (const policy of [page, worker]) {
      expect(policy.get('default-src')).toEqual(["'none'"]);
      const all = [...policy.values()].flat();
      expect(all).not.toContain("'unsafe-eval'");
      expect(all).not.toContain("'unsafe-inline'");
      const hosts = policy.get('connect-src')!;
      expect(hosts).toEqual(
        expect.arrayContaining(["'self'", 'https://huggingface.co', 'https://datasets-server.huggingface.co']),
      );
      const beside = hosts.filter((host) => !/^'self'$|^https:\/\/([\w-]+\.)?huggingface\.co$|^https:\/\/\*\.hf\.co$/.test(host));
      expect(beside).toEqual([]);
    }
  });

  it('demands Trusted Types of the page, and gives the worker what threads need', () => {
    expect(page.get('require-trusted-types-for')).toEqual(["'script'"]);
    expect(page.get('trusted-types')).toHaveLength(1);
    expect(page.get('script-src')).toEqual(["'self'"]);
    expect(page.get('style-src')).toEqual(["'self'"]);
    expect(worker.get('script-src')).toEqual(["'self'", 'blob:', "'wasm-unsafe-eval'"]);
    expect(worker.get('worker-src')).toEqual(["'self'", 'blob:']);
    expect([...worker.keys()].filter((name) => name.includes('trusted-types'))).toEqual([]);
  });

  it('has all of the page’s in a meta element but what that cannot carry', () => {
    const meta = parsePolicy(metaPolicy());
    expect([...page.keys()].filter((name) => !meta.has(name))).toEqual(['frame-ancestors']);
    for (const [name, sources] of meta) expect(sources).toEqual(page.get(name));
    expect(metaPolicy()).not.toContain('"');
  });
});

describe('files for hosts', () => {
  it('are what is written from the policy', async () => {
    await expect(staticHostHeaders()).toMatchFileSnapshot(hostFile.pathname);
    await expect(nginxHeaders()).toMatchFileSnapshot(nginxFile.pathname);
  });

  it.each(paths)('_headers gives %s its headers, each from one rule', (path) => {
    const rules = read(hostFile)
      .replaceAll(/^#.*\n/gm, '')
      .trim()
      .split(/\n\n/)
      .map((block) => block.split('\n'));
    const given = rules
      .filter(([pattern = '']) => (pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern))
      .flatMap(([, ...lines]) => lines.map((line) => /^ {2}([\w-]+): (.+)$/.exec(line)!.slice(1) as [string, string]));
    expect(new Set(given.map(([name]) => name)).size).toBe(given.length);
    expect(Object.fromEntries(given)).toEqual(headersFor(path));
    for (const [name, value] of given)
      expect(name.length + value.length, 'Cloudflare reads 2,000 characters a line').toBeLessThan(1900);
  });

  it.each(['/', '/index.html', '/assets/trainer.worker-x.js'])('nginx gives %s its headers', (path) => {
    const locations = [...read(nginxFile).matchAll(/^location (\S+) \{\n([^}]*)\}/gm)].map(([, prefix = '', body = '']) => ({
      prefix,
      body,
    }));
    // nginx takes the longest prefix, and a location with add_header of its own inherits none.
    const [best] = locations.filter(({ prefix }) => path.startsWith(prefix)).sort((a, b) => b.prefix.length - a.prefix.length);
    const headers = [...best!.body.matchAll(/^ {2}add_header ([\w-]+) "([^"]*)" always;$/gm)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(headers)).toEqual(headersFor(path));
    expect(best!.body.trim().split('\n')).toHaveLength(headers.length);
  });

  it.skipIf(spawnSync('nginx', ['-v']).status !== 0)('nginx itself takes the snippet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tunelet-nginx-'));
    const main = `pid ${folder}/pid;\nerror_log ${folder}/log;\nevents {}\nhttp { server { listen 8099; include ${nginxFile.pathname}; } }\n`;
    writeFileSync(join(folder, 'nginx.conf'), main);
    // Without rights to its log folders nginx fails after it has found the syntax right.
    const { stderr } = spawnSync('nginx', ['-t', '-p', folder, '-c', join(folder, 'nginx.conf')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stderr).toContain('syntax is ok');
  });
});
