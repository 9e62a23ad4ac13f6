import { loraTensor, savedTensor } from '../api/adapterNames';
import { TuneletError } from '../api/errors';
import type { TensorShapes } from '../api/modules';
import type { GraphBuilder, Value, WeightStorage } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { AttentionRequest, BodyPlan } from './architecture';

/**
 * Gives the vectors among the tensors that are trained as a whole their places: biases and norms' weights have no weight decay in
 * transformers' Trainer. To be called before a graph places anything.
 */
export function placeSavedVectors(layout: ParameterLayout, saved: TensorShapes | undefined): void {
  for (const [path, [length = 0, columns]] of saved ?? [])
    if (columns === undefined) layout.placeUndecayed(savedTensor(path), [length, 1]);
}

/** An adapted layer's input on its way through LoRA. */
export interface Lowered {
  /** drop(x) A^T, (rows, r). */
  low: Value;
  a: Value;
  /** With DoRA and dropout: drop(x), and x - drop(x). */
  parts: { kept: Value; lost: Value } | null;
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

  /** A tensor of the model: frozen, or where it is trained as a whole the adapter's copy, in float32. */
  tensor(name: string, shape: readonly number[], storage: WeightStorage, part: readonly [number, number] | null = null): Value {
    const path = this.style.modulePrefix + name;
    if (!this.plan.lora.saved?.has(path)) return this.graph.weight(name, shape, storage, part);
    if (part) throw new Error(`${path} is trained as a whole and cannot be read in parts.`);
    const [rows = 0, columns = 1] = shape;
    return this.graph.parameter(path, shape, this.layout.slice(savedTensor(path), [rows, columns]).offset);
  }

  /** Whether a layer's own weight is trained, not matrices beside it. */
  trainsWhole({ name }: LinearLayer): boolean {
    return this.plan.lora.saved?.has(`${this.style.modulePrefix}${name}.weight`) ?? false;
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

  /**
   * x W + b, and what LoRA adds where the layer is adapted. `lowered` is `down` of all of the layer's input, where that is at
   * hand; of a layer stored as [in, out] some columns are computed, where `part` says which.
   */
  adapted(
    x: Value,
    layer: LinearLayer,
    lowered: Lowered | null = this.down(x, layer),
    part: readonly [number, number] | null = null,
  ): Value {
    if (!lowered) return this.linear(x, layer, part);
    const { low } = lowered;
    if (this.plan.lora.dora) return this.magnified(x, layer, lowered, part);
    return this.up(this.linear(x, layer, part), low, this.liftOf(layer, part));
  }

  /** What LoRA needs of an input, or null where the layer is not adapted. */
  down(x: Value, { name }: LinearLayer): Lowered | null {
    const { lora } = this.plan;
    const module = this.style.modulePrefix + name;
    if (!lora.adapts(module)) return null;
    const tensor = loraTensor(module, 'lora_A');
    const slice = this.layout.slice(tensor, [lora.r, widthOf(x)]);
    const a = this.graph.parameter(tensor, slice.shape, slice.offset);
    const mask = { dropout: lora.dropout, site: this.sites++ };
    if (!lora.dora || lora.dropout === 0) {
      return { low: this.graph.one('project', [x, a], { layout: 'rankIn', scale: 1, ...mask }), a, parts: null };
    }
    // The frozen weight sees the dropped input too: SEMANTICS of PEFT's DoRA.
    const kept = this.graph.one('drop', [x], { ...mask, complement: false });
    const lost = this.graph.one('drop', [x], { ...mask, complement: true });
    const low = this.graph.one('project', [kept, a], { layout: 'rankIn', scale: 1, dropout: 0, site: mask.site });
    return { low, a, parts: { kept, lost } };
  }

  /** Places what is trained of a layer's parts, those of one tensor end to end: another graph may compute the layer as a whole. */
  placeParts({ name }: LinearLayer, parts: readonly (readonly [number, number])[]): void {
    const { adapts, dora, r } = this.plan.lora;
    const module = this.style.modulePrefix + name;
    if (!adapts(module)) return;
    for (const [first, last] of parts) this.layout.slice(loraTensor(module, 'lora_B'), [last - first, r], first);
    if (!dora) return;
    for (const [first, last] of parts) this.layout.slice(loraTensor(module, 'lora_magnitude_vector'), [last - first, 1], first);
  }

  /** The target rows of a lowered input. */
  loweredTargets({ low, a, parts }: Lowered): Lowered {
    const kept = parts && { kept: this.targetsOf(parts.kept), lost: this.targetsOf(parts.lost) };
    return { low: this.targetsOf(low), a, parts: kept };
  }

  private linear(x: Value, layer: LinearLayer, part: readonly [number, number] | null): Value {
    const { transposed } = this.style;
    const inputs = [x, this.weightOf(widthOf(x), layer, part), this.biasOf(layer, part)];
    return this.graph.one('linear', inputs, { transposed, lora: null, activation: 'none' });
  }

  private weightOf(inner: number, { name, columns }: LinearLayer, part: readonly [number, number] | null): Value {
    const [first, last] = part ?? [0, columns];
    const shape = this.style.transposed ? [columns, inner] : [inner, last - first];
    return this.tensor(`${name}.weight`, shape, this.plan.storage, part);
  }

  private biasOf({ name, columns, bias }: LinearLayer, part: readonly [number, number] | null): Value | null {
    const [first, last] = part ?? [0, columns];
    return bias ? this.tensor(`${name}.bias`, [last - first], 'float32', part) : null;
  }

  /** lora_B, or the rows of it that belong to a part of the layer. */
  private liftOf({ name, columns }: LinearLayer, part: readonly [number, number] | null): Value {
    const tensor = loraTensor(this.style.modulePrefix + name, 'lora_B');
    const [first, last] = part ?? [0, columns];
    const slice = this.layout.slice(tensor, [last - first, this.plan.lora.r], first);
    return this.graph.parameter(`${tensor} from ${first}`, slice.shape, slice.offset);
  }

  /** Adds scaling * low B^T. */
  private up(base: Value, low: Value, b: Value): Value {
    const attributes = { layout: 'outRank', scale: this.plan.lora.scaling, dropout: 0, site: this.sites++ };
    return this.graph.one('add', [base, this.graph.one('expand', [low, b], attributes)]);
  }

  /**
   * m / n (W x + scaling B A x) + bias, with the magnitudes m and the norms n of the rows of W + scaling B A. With dropout,
   * where x' = drop(x): m / n (W x' + scaling B A x') + W (x - x') + bias.
   */
  private magnified(x: Value, layer: LinearLayer, { low, a, parts }: Lowered, part: readonly [number, number] | null): Value {
    const { scaling } = this.plan.lora;
    const [first, last] = part ?? [0, layer.columns];
    const b = this.liftOf(layer, part);
    const sum = this.up(this.linear(parts?.kept ?? x, { ...layer, bias: false }, part), low, b);
    const weight = this.weightOf(widthOf(x), layer, part);
    const norms = this.graph.one('rowNorms', [weight, a, b], { transposed: this.style.transposed, scale: scaling });
    const tensor = loraTensor(this.style.modulePrefix + layer.name, 'lora_magnitude_vector');
    const slice = this.layout.slice(tensor, [last - first, 1], first);
    const magnitudes = this.graph.parameter(`${tensor} from ${first}`, slice.shape, slice.offset);
    const scaled = this.graph.one('scaleColumns', [sum, magnitudes, norms, parts ? null : this.biasOf(layer, part)]);
    return parts ? this.graph.one('add', [this.linear(parts.lost, layer, part), scaled]) : scaled;
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
