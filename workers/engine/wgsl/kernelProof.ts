import type { Node } from '../graph';
import type { DeviceTraits, Kernel, KernelMaker } from './kernel';
import type { Trial } from './trial';

/** A trial whose results are known. */
export interface ProofTrial extends Trial {
  title: string;
  /** Of each output, from the op's double-precision reference. */
  expected: readonly Float64Array[];
  /** For each output: the largest deviation that rounding explains, in units of the largest number. */
  tolerances: readonly number[];
}

/** What proofs are made of; the ops' own test cases, see ops/proof.ts. */
export interface ProofSource {
  /** A small problem for which `op` makes the node's `kernels`, source for source; null where no case gives those. */
  trialOf(node: Node, kernels: readonly Kernel[], op: KernelMaker, device: DeviceTraits): ProofTrial | null;
}

/** Where a device's findings are kept from visit to visit. */
export interface FindingStore {
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

/** What a node's proof is of: its distinct sources, in order. A table in several buffers has a dispatch of one source for each. */
export function sourcesOf(kernels: readonly Kernel[]): string {
  return [...new Set(kernels.map(({ source }) => source))].join('\n');
}
