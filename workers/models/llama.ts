import type { GraphBuilder, Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { AttentionRequest, BodyPlan } from './architecture';
import { BodyBuilder, type LinearLayer } from './bodyBuilder';
import type { LlamaConfig } from './llamaConfig';
import { embeddingTensor, llamaPrefix } from './llamaTensors';

/**
 * The body of a Llama, Mistral or Qwen2 on packed sequences: hidden states of the target rows after the last norm,
 * `(targets, width)`. The last block works on the target rows alone (its keys and values on all). Source: transformers'
 * modeling_llama.py, modeling_mistral.py and modeling_qwen2.py.
 */
export function buildLlamaHidden(graph: GraphBuilder, config: LlamaConfig, plan: BodyPlan, layout: ParameterLayout): Value {
  return new LlamaBuilder(graph, config, plan, layout).build();
}

class LlamaBuilder {
  private readonly graph: GraphBuilder;
  private readonly config: LlamaConfig;
  private readonly plan: BodyPlan;
  private readonly body: BodyBuilder;

  constructor(graph: GraphBuilder, config: LlamaConfig, plan: BodyPlan, layout: ParameterLayout) {
    this.graph = graph;
    this.config = config;
    this.plan = plan;
    this.body = new BodyBuilder(graph, plan, layout, { modulePrefix: llamaPrefix, transposed: true });
  }

  build(): Value {
    const { layers } = this.config;
    let hidden = this.embed();
    for (let layer = 0; layer < layers; layer++) hidden = this.block(hidden, layer, layer === layers - 1);
    return this.norm(hidden, 'norm');
  }

  private embed(): Value {
    const { vocabularySize, width } = this.config;
    const inputIds = this.graph.input('inputIds', ['tokens']);
    const table = this.graph.weight(embeddingTensor, [vocabularySize, width], this.plan.storage);
    return this.graph.one('embedding', [inputIds, null, table, null]);
  }

  private block(hidden: Value, layer: number, last: boolean): Value {
    const name = `layers.${layer}`;
    this.graph.beginBlock(name);
    const normed = this.norm(hidden, `${name}.input_layernorm`);
    const attended = last ? this.targetAttention(normed, layer) : this.attention(normed, layer);
    const residual = last ? this.body.targetsOf(hidden) : hidden;
    const middle = this.graph.one('add', [residual, this.body.adapted(attended, this.outputLayer(name))]);
    const sum = this.graph.one('add', [middle, this.mlp(this.norm(middle, `${name}.post_attention_layernorm`), name)]);
    this.graph.endBlock();
    return sum;
  }

  private attention(normed: Value, layer: number): Value {
    const [q, k, v] = [this.project(normed, layer, 'q'), this.project(normed, layer, 'k'), this.project(normed, layer, 'v')];
    return this.body.attend({ qkv: this.rotated(q, k, v, null), layer, attributes: this.attentionAttributes(layer) });
  }

  /** Queries for the target rows alone, keys and values for all. */
  private targetAttention(normed: Value, layer: number): Value {
    const { body } = this;
    if (this.plan.attend) return body.targetsOf(this.attention(normed, layer));
    const q = this.rotated(this.project(body.targetsOf(normed), layer, 'q'), null, null, body.pooledRows);
    const kv = this.rotated(null, this.project(normed, layer, 'k'), this.project(normed, layer, 'v'), null);
    return body.attendTargets(q, kv, this.attentionAttributes(layer));
  }

  private project(x: Value, layer: number, part: 'q' | 'k' | 'v'): Value {
    const { heads, kvHeads, headSize, biases } = this.config;
    const columns = (part === 'q' ? heads : kvHeads) * headSize;
    return this.body.adapted(x, { name: `layers.${layer}.self_attn.${part}_proj`, columns, bias: biases.qkv });
  }

  /** Those that are there side by side, q and k turned; `rows` are the tokens of q's rows where those are some. */
  private rotated(q: Value | null, k: Value | null, v: Value | null, rows: Value | null): Value {
    return this.graph.one('rotary', [q, k, v, this.body.positions, rows], { frequencies: this.config.frequencies });
  }

  private outputLayer(block: string): LinearLayer {
    return { name: `${block}.self_attn.o_proj`, columns: this.config.width, bias: this.config.biases.output };
  }

  private mlp(normed: Value, block: string): Value {
    const { innerWidth, width, biases } = this.config;
    const layer = (name: string, columns: number): LinearLayer => ({ name: `${block}.mlp.${name}`, columns, bias: biases.mlp });
    const gate = this.body.adapted(normed, layer('gate_proj', innerWidth));
    const up = this.body.adapted(normed, layer('up_proj', innerWidth));
    return this.body.adapted(this.graph.one('swiglu', [gate, up]), layer('down_proj', width));
  }

  private attentionAttributes(layer: number): AttentionRequest['attributes'] {
    const { heads, kvHeads, headSize, windows } = this.config;
    return { heads, kvHeads, scale: 1 / Math.sqrt(headSize), window: windows[layer] ?? null };
  }

  private norm(x: Value, name: string): Value {
    const weight = this.body.tensor(`${name}.weight`, [this.config.width], 'float32');
    return this.body.first('rmsNorm', [x, weight], { epsilon: this.config.rmsNormEpsilon });
  }
}
