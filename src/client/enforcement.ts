import { workerAddress } from './workerAddress';

/** Which parts the browser holds to a policy that names the hosts they may contact. */
export interface Enforcement {
  page: boolean;
  /** A worker is held to the policy that its own script came with. */
  worker: boolean;
}

/** Asks this page's own host with what policy it sends page and worker. Null where it does not answer. */
export async function findEnforcement(): Promise<Enforcement | null> {
  const meta = document.querySelector<HTMLMetaElement>('meta[http-equiv="Content-Security-Policy"]');
  try {
    const [page, worker] = await Promise.all([policyOf(document.baseURI), policyOf(workerAddress)]);
    return { page: namesHosts(meta?.content ?? '') || namesHosts(page), worker: namesHosts(worker) };
  } catch {
    return null;
  }
}

async function policyOf(address: string): Promise<string> {
  const { headers } = await fetch(address, { method: 'HEAD' });
  return headers.get('Content-Security-Policy') ?? '';
}

function namesHosts(policy: string): boolean {
  return policy.includes('connect-src ');
}
