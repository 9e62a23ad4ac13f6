import type { GraphBuilder, Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { ClassifierPlan } from './architecture';
import type { Gpt2Config } from './gpt2Config';

export interface Gpt2ClassifierPlan extends ClassifierPlan {
  config: Gpt2Config;
}

/** File names of the adapter's tensors; PEFT's rule. */
export function loraTensor(module: string, part: 'lora_A' | 'lora_B'): string {
  return `base_model.model.${module}.${part}.weight`;
}

export const scoreTensor = 'base_model.model.score.weight';

/**
 * GPT-2 with a classification head on packed sequences: logits `(sequences, labels)`. The last block works on the pooled
 * token of each sequence alone (its keys and values on all). Source: transformers' modeling_gpt2.py; SEMANTICS of PEFT's LoRA.
 */
export function buildGpt2Classifier(graph: GraphBuilder, plan: Gpt2ClassifierPlan, layout: ParameterLayout): Value {
  return new Gpt2Builder(graph, plan, layout).build();
}

class Gpt2Builder {
  private readonly graph: GraphBuilder;
  private readonly plan: Gpt2ClassifierPlan;
  private readonly layout: ParameterLayout;
  private readonly segmentOffsets: Value;
  private readonly rowSegments: Value;
  private readonly pooledRows: Value;
  private sites = 0;

  constructor(graph: GraphBuilder, plan: Gpt2ClassifierPlan, layout: ParameterLayout) {
    this.graph = graph;
    this.plan = plan;
    this.layout = layout;
    this.segmentOffsets = graph.input('segmentOffsets', ['offsets']);
    this.rowSegments = graph.input('rowSegments', ['tokens']);
    this.pooledRows = graph.input('pooledRows', ['sequences']);
  }

  build(): Value {
    const { config } = this.plan;
    let hidden = this.embed();
    for (let layer = 0; layer < config.nLayer; layer++) hidden = this.block(hidden, layer, layer === config.nLayer - 1);
    const normed = this.norm(hidden, 'ln_f');
    const slice = this.layout.slice(scoreTensor, [this.plan.labelCount, config.nEmbd]);
    const score = this.graph.parameter(scoreTensor, slice.shape, slice.offset);
    return this.graph.one('project', [normed, score], { layout: 'rankIn', scale: 1, dropout: 0, site: this.sites++ });
  }

  private embed(): Value {
    const { config, storage } = this.plan;
    const inputIds = this.graph.input('inputIds', ['tokens']);
    const positions = this.graph.input('positions', ['tokens']);
    const wte = this.graph.weight('wte.weight', [config.vocabSize, config.nEmbd], storage);
    const wpe = this.graph.weight('wpe.weight', [config.nPositions, config.nEmbd], storage);
    return this.graph.one('embedding', [inputIds, positions, wte, wpe]);
  }

  private block(hidden: Value, layer: number, last: boolean): Value {
    const name = `h.${layer}`;
    this.graph.beginBlock(name);
    const normed = this.norm(hidden, `${name}.ln_1`);
    const attended = last ? this.pooledAttention(normed, layer) : this.attention(normed, layer);
    const residual = last ? this.graph.one('gatherRows', [hidden, this.pooledRows]) : hidden;
    const projected = this.adapted(attended, `${name}.attn.c_proj`, this.plan.config.nEmbd);
    const middle = this.graph.one('add', [residual, projected]);
    const inner = this.adapted(this.norm(middle, `${name}.ln_2`), `${name}.mlp.c_fc`, this.plan.config.nInner);
    const outer = this.adapted(this.graph.one('gelu', [inner]), `${name}.mlp.c_proj`, this.plan.config.nEmbd);
    const sum = this.graph.one('add', [middle, outer]);
    this.graph.endBlock();
    return sum;
  }

  private attention(normed: Value, layer: number): Value {
    const qkv = this.adapted(normed, `h.${layer}.attn.c_attn`, 3 * this.plan.config.nEmbd);
    const [out] = this.graph.add('attention', [qkv, this.segmentOffsets, this.rowSegments], this.attentionAttributes(layer));
    return required(out);
  }

  /** Queries for the pooled tokens alone, keys and values for all: c_attn falls into two parts that share lora_A. */
  private pooledAttention(normed: Value, layer: number): Value {
    const width = this.plan.config.nEmbd;
    const name = `h.${layer}.attn.c_attn`;
    const low = this.down(normed, name);
    const query = this.graph.one('gatherRows', [normed, this.pooledRows]);
    const queryLow = low && this.graph.one('gatherRows', [low, this.pooledRows]);
    const q = this.up(this.linear(query, name, width, [0, width]), queryLow, name, width, 0);
    const kv = this.up(this.linear(normed, name, 2 * width, [width, 3 * width]), low, name, 2 * width, width);
    const inputs = [q, kv, this.segmentOffsets, this.rowSegments, this.pooledRows];
    const [out] = this.graph.add('pooledAttention', inputs, this.attentionAttributes(layer));
    return required(out);
  }

  private attentionAttributes(layer: number): { heads: number; scale: number } {
    const { config } = this.plan;
    const byHead = config.scaleAttnWeights ? 1 / Math.sqrt(config.nEmbd / config.nHead) : 1;
    return { heads: config.nHead, scale: config.scaleAttnByInverseLayerIdx ? byHead / (layer + 1) : byHead };
  }

  private norm(x: Value, name: string): Value {
    const width = this.plan.config.nEmbd;
    const weight = this.graph.weight(`${name}.weight`, [width], 'float32');
    const bias = this.graph.weight(`${name}.bias`, [width], 'float32');
    const [y] = this.graph.add('layerNorm', [x, weight, bias], { epsilon: this.plan.config.layerNormEpsilon });
    return required(y);
  }

  private adapted(x: Value, name: string, columns: number): Value {
    return this.up(this.linear(x, name, columns, null), this.down(x, name), name, columns, 0);
  }

  private linear(x: Value, name: string, columns: number, part: readonly [number, number] | null): Value {
    const weight = this.graph.weight(`${name}.weight`, [widthOf(x), columns], this.plan.storage, part);
    const bias = this.graph.weight(`${name}.bias`, [columns], 'float32', part);
    return this.graph.one('linear', [x, weight, bias], { transposed: false, lora: null, activation: 'none' });
  }

  /** drop(x) A^T, or null where the module is not adapted. */
  private down(x: Value, name: string): Value | null {
    const { lora } = this.plan;
    const module = `transformer.${name}`;
    if (!lora.adapts(module)) return null;
    const tensor = loraTensor(module, 'lora_A');
    const slice = this.layout.slice(tensor, [lora.r, widthOf(x)]);
    const a = this.graph.parameter(tensor, slice.shape, slice.offset);
    return this.graph.one('project', [x, a], { layout: 'rankIn', scale: 1, dropout: lora.dropout, site: this.sites++ });
  }

  /** Adds scaling * low B^T, rows `rowStart` on of lora_B. */
  private up(base: Value, low: Value | null, name: string, columns: number, rowStart: number): Value {
    if (!low) return base;
    const { r, scaling } = this.plan.lora;
    const tensor = loraTensor(`transformer.${name}`, 'lora_B');
    const slice = this.layout.slice(tensor, [columns, r], rowStart);
    const b = this.graph.parameter(`${tensor} from ${rowStart}`, slice.shape, slice.offset);
    const lifted = this.graph.one('expand', [low, b], { layout: 'outRank', scale: scaling, dropout: 0, site: this.sites++ });
    return this.graph.one('add', [base, lifted]);
  }
}

function widthOf(value: Value): number {
  const columns = value.shape[1];
  if (typeof columns !== 'number') throw new Error(`${value.label} has no fixed width.`);
  return columns;
}

function required(value: Value | undefined): Value {
  if (!value) throw new Error('An op gave no output.');
  return value;
}
