import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { hubListener, type HubFaults, type HubServer } from '../../workers/testing/hubServer';
import { selfSignedCertificate } from './certificate';

const port = 4392;

/**
 * The browser's own way to the Hub leads to this machine: the page asks https://huggingface.co as it always does, and follows
 * redirects to other hosts as it always does. Nothing in the page knows of it.
 */
export const hubLaunchArguments = [
  `--host-resolver-rules=MAP huggingface.co:443 127.0.0.1:${port}, MAP cdn-lfs.hf.co:443 127.0.0.1:${port}`,
  '--ignore-certificate-errors',
];

export interface HubHost extends Pick<HubServer, 'requests' | 'faults'> {
  /** From now on nobody answers. */
  goAway(): Promise<void>;
  /** Answers again. */
  comeBack(): Promise<void>;
}

export const nano = (name: string) => readFileSync(new URL(`../../public/models/nano-gpt2/${name}`, import.meta.url));
const nanoFiles = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'model.safetensors',
  'README.md',
];

/** Plays huggingface.co, with the embedded model as an open one and as a gated one. */
export async function startHubHost(faults: HubFaults = {}): Promise<HubHost> {
  const files = new Map(
    ['someone/nano', 'owners/gated-nano'].flatMap((id) => nanoFiles.map((name) => [`${id}/${name}`, nano(name)] as const)),
  );
  const options = { files, gated: ['owners/gated-nano'], token: 'hf_mayRead', largeFilesAt: 'https://cdn-lfs.hf.co', faults };
  const { listener, requests, faults: current } = hubListener(options);
  const certificate = selfSignedCertificate('huggingface.co');
  let server: Server | null = null;
  const comeBack = async () => {
    server = createServer(certificate, listener);
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  };
  const goAway = async () => {
    const closing = server;
    server = null;
    if (!closing) return;
    await new Promise<void>((resolve) => {
      closing.close(() => resolve());
      closing.closeAllConnections();
    });
  };
  await comeBack();
  return { requests, faults: current, goAway, comeBack };
}
