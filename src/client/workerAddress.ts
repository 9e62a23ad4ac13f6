// The script is started, not imported: this is Vite's way to its address alone.
// oxlint-disable-next-line import/default, boundaries/dependencies
import address from '../../workers/trainer.worker.ts?worker&url';

declare global {
  /** Not everywhere, and not in TypeScript's own declarations; what is made is a TrustedScriptURL, which stands for its text. */
  var trustedTypes:
    | { createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(input: string): string } }
    | undefined;
}

/** The only one that the page's policy allows, and it makes nothing else. */
const trusted = globalThis.trustedTypes?.createPolicy('tunelet-worker', { createScriptURL: () => address });

/** Of the trainer's script, as `new Worker` takes it where a policy demands Trusted Types. */
export const workerAddress: string = trusted ? trusted.createScriptURL(address) : address;
