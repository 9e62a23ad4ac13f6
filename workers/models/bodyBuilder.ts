import { TuneletError } from '../api/errors';
import type { GraphBuilder, Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { AttentionRequest, BodyPlan } from './architecture';

/** File names of the adapter's tensors; PEFT's rule. */
export function loraTensor(module: string, part: 'lora_A' | 'lora_B'): string {
  return `base_model.model.${module}.${part}.weight`;
}

/** A linear layer of the model. */
export interface LinearLayer {
  /** The graph's name of its tensors, without ".weight". */
  name: string;
  columns: number;
  bias: boolean;
}

/** How an architecture's files name and store linear layers. */
export interface LinearStyle {
  /** From the graph's name to the module's path in the task model. */
  modulePrefix: string;
  /** Weights are stored as [out, in]. */
  transposed: boolean;
}

/** What graph builders of all architectures share: a packed batch's inputs, and linear layers with LoRA. */
export class BodyBuilder {
  readonly graph: GraphBuilder;
  readonly segmentOffsets: Value;
  readonly rowSegments: Value;
  /** Of the rows for which something is predicted. */
  readonly pooledRows: Value;
  readonly targetStarts: Value;
  readonly rowTargets: Value;
  readonly positions: Value;
  private readonly plan: BodyPlan;
  private readonly layout: ParameterLayout;
  private readonly style: LinearStyle;
  private sites = 0;

  constructor(graph: GraphBuilder, plan: BodyPlan, layout: ParameterLayout, style: LinearStyle) {
    this.graph = graph;
    this.plan = plan;
    this.layout = layout;
    this.style = style;
    this.segmentOffsets = graph.input('segmentOffsets', ['offsets']);
    this.rowSegments = graph.input('rowSegments', ['tokens']);
    this.pooledRows = graph.input('pooledRows', ['targets']);
    this.targetStarts = graph.input('targetStarts', ['targets']);
    this.rowTargets = graph.input('rowTargets', ['tokens', 2]);
    this.positions = graph.input('positions', ['tokens']);
  }

  /** The target rows of a matrix of all rows. */
  targetsOf(value: Value): Value {
    return this.graph.one('gatherRows', [value, this.pooledRows]);
  }

  /** Attention of every row: (tokens, heads headSize). */
  attend(request: AttentionRequest): Value {
    if (this.plan.attend) return this.plan.attend(this.graph, request);
    const inputs = [request.qkv, this.segmentOffsets, this.rowSegments, ...this.branches()];
    return this.first('attention', inputs, this.visible(request.attributes));
  }

  /** Attention of the target rows: q (targets, heads headSize), kv (tokens, 2 kvHeads headSize). */
  attendTargets(q: Value, kv: Value, attributes: AttentionRequest['attributes']): Value {
    const targets = [this.pooledRows, this.targetStarts, this.rowTargets];
    const inputs = [q, kv, this.segmentOffsets, ...targets, ...this.branches()];
    return this.first('pooledAttention', inputs, this.visible(attributes));
  }

  private branches(): Value[] {
    return this.plan.branches ? [this.graph.input('rowBranches', ['tokens', 2])] : [];
  }

  private visible(attributes: AttentionRequest['attributes']): AttentionRequest['attributes'] {
    const { branches } = this.plan;
    const { window } = attributes;
    if (!branches || window === null) return attributes;
    if (branches.longestTokens <= window) return { ...attributes, window: null };
    throw new TuneletError(
      'settings/invalid',
      `Prompts of up to ${branches.longestTokens} tokens cannot share what their answers have in common: this model sees ${window} tokens at a time.`,
      `Lower max_length to ${window}.`,
      { maxLength: branches.longestTokens, window },
    );
  }

  /** x W + b, and what LoRA adds where the layer is adapted. */
  adapted(x: Value, layer: LinearLayer): Value {
    return this.up(this.linear(x, layer), this.down(x, layer), layer);
  }

  /** x W + b; of a layer stored as [in, out] some columns, where `part` says which. */
  linear(x: Value, { name, columns, bias }: LinearLayer, part: readonly [number, number] | null = null): Value {
    const { transposed } = this.style;
    const [first, last] = part ?? [0, columns];
    const shape = transposed ? [columns, widthOf(x)] : [widthOf(x), last - first];
    const weight = this.graph.weight(`${name}.weight`, shape, this.plan.storage, part);
    const shift = bias ? this.graph.weight(`${name}.bias`, [last - first], 'float32', part) : null;
    return this.graph.one('linear', [x, weight, shift], { transposed, lora: null, activation: 'none' });
  }

  /** drop(x) A^T, or null where the layer is not adapted. */
  down(x: Value, { name }: LinearLayer): Value | null {
    const { lora } = this.plan;
    const module = this.style.modulePrefix + name;
    if (!lora.adapts(module)) return null;
    const tensor = loraTensor(module, 'lora_A');
    const slice = this.layout.slice(tensor, [lora.r, widthOf(x)]);
    const a = this.graph.parameter(tensor, slice.shape, slice.offset);
    return this.graph.one('project', [x, a], { layout: 'rankIn', scale: 1, dropout: lora.dropout, site: this.sites++ });
  }

  /** Adds scaling * low B^T; of rows `rowStart` on of lora_B where base is only some columns of the layer. */
  up(base: Value, low: Value | null, { name }: LinearLayer, rowStart = 0): Value {
    if (!low) return base;
    const { r, scaling } = this.plan.lora;
    const tensor = loraTensor(this.style.modulePrefix + name, 'lora_B');
    const slice = this.layout.slice(tensor, [widthOf(base), r], rowStart);
    const b = this.graph.parameter(`${tensor} from ${rowStart}`, slice.shape, slice.offset);
    const lifted = this.graph.one('expand', [low, b], { layout: 'outRank', scale: scaling, dropout: 0, site: this.sites++ });
    return this.graph.one('add', [base, lifted]);
  }

  /** The first output of an op that has others for its gradient. */
  first(op: string, inputs: readonly (Value | null)[], attributes: Readonly<Record<string, unknown>>): Value {
    const [value] = this.graph.add(op, inputs, attributes);
    if (!value) throw new Error(`${op} gave no output.`);
    return value;
  }
}

function widthOf(value: Value): number {
  const columns = value.shape[1];
  if (typeof columns !== 'number') throw new Error(`${value.label} has no fixed width.`);
  return columns;
}
