import type { GraphBuilder, Value } from '../engine/graph';
import { fillsSlices, type ParameterLayout } from '../engine/parameters';
import { atLeastFloat16 } from '../engine/weightStorage';
import type { AttentionRequest, BodyPlan } from './architecture';
import { BodyBuilder, type LinearLayer } from './bodyBuilder';
import type { Gpt2Config } from './gpt2Config';
import { gpt2Prefix } from './gpt2Tensors';

/**
 * GPT-2's body on packed sequences: hidden states of the target rows after ln_f, `(targets, width)`. The last block works on
 * the target rows alone (its keys and values on all). Source: transformers' modeling_gpt2.py; SEMANTICS of PEFT's LoRA.
 */
export function buildGpt2Hidden(graph: GraphBuilder, config: Gpt2Config, plan: BodyPlan, layout: ParameterLayout): Value {
  return new Gpt2Builder(graph, config, plan, layout).build();
}

class Gpt2Builder {
  private readonly graph: GraphBuilder;
  private readonly config: Gpt2Config;
  private readonly plan: BodyPlan;
  private readonly body: BodyBuilder;

  constructor(graph: GraphBuilder, config: Gpt2Config, plan: BodyPlan, layout: ParameterLayout) {
    this.graph = graph;
    this.config = config;
    this.plan = plan;
    this.body = new BodyBuilder(graph, plan, layout, { modulePrefix: gpt2Prefix, transposed: false });
  }

  build(): Value {
    const { nLayer } = this.config;
    let hidden = this.embed();
    for (let layer = 0; layer < nLayer; layer++) hidden = this.block(hidden, layer, layer === nLayer - 1);
    return this.norm(hidden, 'ln_f');
  }

  private embed(): Value {
    const { vocabSize, nPositions, nEmbd } = this.config;
    const inputIds = this.graph.input('inputIds', ['tokens']);
    const wte = this.graph.weight('wte.weight', [vocabSize, nEmbd], this.plan.storage);
    const wpe = this.graph.weight('wpe.weight', [nPositions, nEmbd], atLeastFloat16(this.plan.storage));
    return this.graph.one('embedding', [inputIds, this.body.positions, wte, wpe]);
  }

  private block(hidden: Value, layer: number, last: boolean): Value {
    const { nEmbd, nInner } = this.config;
    const name = `h.${layer}`;
    this.graph.beginBlock(name);
    const normed = this.norm(hidden, `${name}.ln_1`);
    const attended = last ? this.targetAttention(normed, layer) : this.attention(normed, layer);
    const residual = last ? this.body.targetsOf(hidden) : hidden;
    const projected = this.body.adapted(attended, { name: `${name}.attn.c_proj`, columns: nEmbd, bias: true });
    const middle = this.graph.one('add', [residual, projected]);
    const normedMiddle = this.norm(middle, `${name}.ln_2`);
    const inner = this.body.adapted(normedMiddle, { name: `${name}.mlp.c_fc`, columns: nInner, bias: true });
    const active = this.graph.one('gelu', [inner]);
    const outer = this.body.adapted(active, { name: `${name}.mlp.c_proj`, columns: nEmbd, bias: true });
    const sum = this.graph.one('add', [middle, outer]);
    this.graph.endBlock();
    return sum;
  }

  private attention(normed: Value, layer: number): Value {
    const qkv = this.body.adapted(normed, this.qkvLayer(layer));
    return this.body.attend({ qkv, layer, attributes: this.attentionAttributes(layer) });
  }

  /** Queries for the target rows alone, keys and values for all: c_attn falls into two parts that share lora_A. */
  private targetAttention(normed: Value, layer: number): Value {
    const { body } = this;
    const width = this.config.nEmbd;
    const magnitudesFallApart = this.plan.lora.dora && !fillsSlices(width);
    const cAttn = this.qkvLayer(layer);
    const isWhole = this.plan.attend || magnitudesFallApart || body.trainsWhole(cAttn);
    if (isWhole) return body.targetsOf(this.attention(normed, layer));
    const [queries, others] = [[0, width] as const, [width, 3 * width] as const];
    const lowered = body.down(normed, cAttn);
    body.placeParts(cAttn, [queries, others]);
    const q = body.adapted(body.targetsOf(normed), cAttn, lowered && body.loweredTargets(lowered), queries);
    const kv = body.adapted(normed, cAttn, lowered, others);
    return body.attendTargets(q, kv, this.attentionAttributes(layer));
  }

  private qkvLayer(layer: number): LinearLayer {
    return { name: `h.${layer}.attn.c_attn`, columns: 3 * this.config.nEmbd, bias: true };
  }

  private attentionAttributes(layer: number): AttentionRequest['attributes'] {
    const { nEmbd, nHead, scaleAttnWeights, scaleAttnByInverseLayerIdx } = this.config;
    const byHead = scaleAttnWeights ? 1 / Math.sqrt(nEmbd / nHead) : 1;
    const scale = scaleAttnByInverseLayerIdx ? byHead / (layer + 1) : byHead;
    return { heads: nHead, kvHeads: nHead, scale, window: null };
  }

  private norm(x: Value, name: string): Value {
    const weight = this.body.tensor(`${name}.weight`, [this.config.nEmbd], 'float32');
    const bias = this.body.tensor(`${name}.bias`, [this.config.nEmbd], 'float32');
    return this.body.first('layerNorm', [x, weight, bias], { epsilon: this.config.layerNormEpsilon });
  }
}
