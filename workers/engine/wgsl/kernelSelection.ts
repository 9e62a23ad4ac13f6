import { TuneletError } from '../../api/errors';
import { distinctNodes } from './alikeNodes';
import type { Graph, Node } from '../graph';
import type { Counts } from '../shape';
import { variantOf, type DeviceTraits, type Kernel, type KernelChoice, type KernelMaker } from './kernel';
import type { Claim, KernelProver, Verdict } from './kernelProver';
import { sourcesOf } from './kernelProof';
import type { Tuner } from './tuner';

type Chosen = DeviceTraits['chosen'];

/** Picks the kernels of a graph: variants that are fast on this device among those that it has proven. */
export class KernelSelection {
  /** Variants given up on this device, with the reason: `linear.large: subgroups: …`. */
  readonly excluded: string[] = [];
  private readonly ops: Readonly<Record<string, KernelMaker>>;
  private readonly traits: DeviceTraits;
  private readonly prover: KernelProver | null;
  private readonly tuner: Tuner | null;

  /** `prover`: null trusts every kernel; `tuner`: null takes each choice's preferred variant. */
  constructor(
    ops: Readonly<Record<string, KernelMaker>>,
    traits: DeviceTraits,
    prover: KernelProver | null,
    tuner: Tuner | null,
  ) {
    this.ops = ops;
    this.traits = traits;
    this.prover = prover;
    this.tuner = tuner;
  }

  /** The device with a variant chosen wherever the graph's kernels ask for one. Throws `device/disproved` where a plain kernel is wrong. */
  async traitsFor(graph: Graph, capacity: Counts): Promise<DeviceTraits> {
    let chosen: Chosen = { ...this.traits.chosen, ...(await this.tuned(graph, capacity)) };
    if (!this.prover) return { ...this.traits, chosen };
    for (;;) {
      const claims = this.claims(graph, { ...this.traits, chosen });
      const verdicts = await this.prover.prove(claims);
      const retreats: Record<string, string> = {};
      for (const [index, claim] of claims.entries()) {
        const verdict = verdicts[index]!;
        if (verdict.outcome !== 'right') Object.assign(retreats, this.retreatFrom(claim, verdict));
      }
      if (Object.keys(retreats).length === 0) return { ...this.traits, chosen };
      chosen = { ...chosen, ...retreats };
    }
  }

  kernelsOf(node: Node, device: DeviceTraits): Kernel[] {
    return this.makerOf(node).kernel({ node, attributes: node.attributes as never, device });
  }

  private makerOf(node: Node): KernelMaker {
    const op = this.ops[node.op];
    if (!op) throw new Error(`There is no op ${node.op}.`);
    return op;
  }

  /** The graph's distinct kernels. */
  private claims(graph: Graph, device: DeviceTraits): Claim[] {
    const claims = new Map<string, Claim>();
    for (const node of distinctNodes(graph.nodes)) {
      const kernels = this.kernelsOf(node, device);
      const sources = sourcesOf(kernels);
      if (!claims.has(sources)) claims.set(sources, { node, kernels, op: this.makerOf(node), device });
    }
    return [...claims.values()];
  }

  /** The plain variant for every choice that the claim's kernels come from. A plain kernel that no case gives is taken on trust. */
  private retreatFrom(claim: Claim, verdict: Verdict): Chosen {
    const retreats: Record<string, string> = {};
    const sources = sourcesOf(claim.kernels);
    for (const choice of claim.op.choices ?? []) {
      const [plain] = choice.variants(claim.device);
      const variant = variantOf(choice, claim.device);
      if (plain === undefined || variant === plain) continue;
      if (sourcesOf(this.kernelsOf(claim.node, withChoice(claim.device, choice, plain))) === sources) continue;
      retreats[choice.name] = plain;
      this.excluded.push(`${choice.name} ${variant}: ${verdict.reason || 'no case proves it'}`);
    }
    if (Object.keys(retreats).length === 0 && verdict.outcome === 'wrong') throw disproved(verdict);
    return retreats;
  }

  /** The fastest proven variant of each choice that the graph uses. */
  private async tuned(graph: Graph, capacity: Counts): Promise<Chosen> {
    const { tuner, prover } = this;
    if (!tuner) return {};
    const contests = this.contests(graph, capacity);
    const entries = contests.flatMap(({ node, choice, variants }) =>
      variants.map((variant) => {
        const device = withChoice(this.traits, choice, variant);
        return { choice, variant, claim: { node, kernels: this.kernelsOf(node, device), op: this.makerOf(node), device } };
      }),
    );
    const verdicts = prover ? await prover.prove(entries.map(({ claim }) => claim)) : [];
    const proven = entries.filter((_, index) => !prover || verdicts[index]!.outcome === 'right');
    return tuner.fastest(
      contests.map(({ node, choice }) => ({
        name: choice.name,
        node,
        preferred: variantOf(choice, this.traits),
        variants: proven
          .filter((entry) => entry.choice === choice)
          .map(({ variant, claim }) => ({ name: variant, kernels: claim.kernels })),
      })),
      capacity,
    );
  }

  /** For each choice with several variants: the node of the graph that has the most work of those whose kernels it decides. */
  private contests(graph: Graph, capacity: Counts): { node: Node; choice: KernelChoice; variants: readonly string[] }[] {
    const contests = new Map<KernelChoice, { node: Node; work: number; variants: readonly string[] }>();
    for (const node of distinctNodes(graph.nodes)) {
      for (const choice of this.makerOf(node).choices ?? []) {
        const variants = choice.variants(this.traits);
        if (variants.length < 2) continue;
        const kernels = variants.map((variant) => this.kernelsOf(node, withChoice(this.traits, choice, variant)));
        if (new Set(kernels.map(sourcesOf)).size < 2) continue;
        const work = kernels[0]!.reduce((sum, kernel) => sum + kernel.multiplyAdds(capacity), 0);
        if (work > (contests.get(choice)?.work ?? -1)) contests.set(choice, { node, work, variants });
      }
    }
    return [...contests].map(([choice, { node, variants }]) => ({ choice, node, variants }));
  }
}

function withChoice(device: DeviceTraits, { name }: KernelChoice, variant: string): DeviceTraits {
  return { ...device, chosen: { ...device.chosen, [name]: variant } };
}

function disproved({ label, reason, title }: Verdict): TuneletError {
  return new TuneletError(
    'device/disproved',
    `The graphics device does not compute ${label} rightly: ${reason}${title === null ? '' : ` (${title})`}.`,
    'Update the graphics driver or the browser, or choose the processor as device.',
    { kernel: label },
  );
}
