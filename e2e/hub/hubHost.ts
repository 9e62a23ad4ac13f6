import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { hubListener, type HubFaults, type HubServer } from '../../workers/testing/hubServer';
import type { ListedEntry } from '../../workers/testing/hubModel';
import { selfSignedCertificate } from './certificate';
import { hubPort } from './ports';

/**
 * The browser's own way to the Hub leads to this machine: the page asks https://huggingface.co as it always does, and follows
 * redirects to other hosts as it always does. Nothing in the page knows of it.
 */
export const hubLaunchArguments = [
  `--host-resolver-rules=MAP huggingface.co:443 127.0.0.1:${hubPort}, MAP cdn-lfs.hf.co:443 127.0.0.1:${hubPort}`,
  '--ignore-certificate-errors',
];

export interface HubHost extends Pick<HubServer, 'requests' | 'faults'> {
  /** From now on nobody answers. */
  goAway(): Promise<void>;
  /** Answers again. */
  comeBack(): Promise<void>;
}

export const nano = (name: string) => readFileSync(new URL(`../../public/models/nano-gpt2/${name}`, import.meta.url));
export const nanoFiles = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'model.safetensors',
  'README.md',
];

const openAndGated: ReadonlyMap<string, Uint8Array> = new Map(
  ['someone/nano', 'owners/gated-nano'].flatMap((id) => nanoFiles.map((name) => [`${id}/${name}`, nano(name)] as const)),
);

/** What a search finds beside them; nothing of it can be downloaded. */
const listed: readonly ListedEntry[] = [
  {
    id: 'others/nano-phi',
    pipeline_tag: 'text-generation',
    gated: false,
    tags: ['safetensors'],
    config: { model_type: 'phi3' },
    safetensors: { parameters: { BF16: 3_821_079_552 }, total: 3_821_079_552 },
    cardData: { license: 'mit' },
  },
  {
    id: 'others/nano-large',
    pipeline_tag: 'text-generation',
    gated: false,
    tags: ['safetensors'],
    config: { model_type: 'llama' },
    safetensors: { parameters: { BF16: 6_738_415_616 }, total: 6_738_415_616 },
    cardData: { license: 'llama2' },
  },
  { id: 'others/nano-pickled', pipeline_tag: 'text-generation', gated: false, tags: ['pytorch'], config: { model_type: 'gpt2' } },
];

/** Plays huggingface.co: by default with the embedded model as an open one and as a gated one, and with more in its lists. */
export async function startHubHost(faults: HubFaults = {}, files = openAndGated): Promise<HubHost> {
  const options = {
    files,
    listed,
    gated: ['owners/gated-nano'],
    token: 'hf_mayRead',
    largeFilesAt: 'https://cdn-lfs.hf.co',
    faults,
  };
  const { listener, requests, faults: current } = hubListener(options);
  const certificate = selfSignedCertificate('huggingface.co');
  let server: Server | null = null;
  const comeBack = async () => {
    server = createServer(certificate, listener);
    await new Promise<void>((resolve) => server?.listen(hubPort, '127.0.0.1', resolve));
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
