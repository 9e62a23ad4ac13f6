import { GraphBuilder, prune, type Graph, type Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import { renameDims } from '../engine/renameDims';
import type { AttentionRequest, BaseModel, BodyPlan } from '../models/architecture';
import { fuse } from '../ops/fuse';
import { shapeRules } from '../ops/index';

/** Room for keys and values: texts that are under way at a time, and tokens of each. */
export interface CacheRoom {
  texts: number;
  tokensPerText: number;
}

export interface GenerationGraphs {
  /** Any tokens of each text; output: logits (targets, vocabulary). */
  prefill: Graph;
  /** The same for one token of each text. */
  decode: Graph;
  /** To be allocated: one for each block. */
  caches: readonly Value[];
}

/** The model with caches of keys and values. The adapter's parameters are those of `layout`, which training placed. */
export function buildGenerationGraphs(
  model: BaseModel,
  plan: BodyPlan,
  layout: ParameterLayout,
  room: CacheRoom,
): GenerationGraphs {
  const graph = new GraphBuilder(shapeRules);
  const caches: Value[] = [];
  const attend = cachedAttention(model, room, caches);
  const hidden = model.buildHidden(graph, { ...plan, lora: { ...plan.lora, dropout: 0 }, attend }, layout);
  const head = graph.weight(model.outputTensor, [model.vocabularySize, model.width], plan.storage);
  graph.output('logits', graph.one('linear', [hidden, head], { transposed: true, lora: null, activation: 'none' }));
  const prefill = fuse(prune(graph.graph()));
  // Kernels then know that rows are few.
  const decode = renameDims(prefill, { tokens: 'sequences', targets: 'sequences' });
  return { prefill, decode, caches };
}

function cachedAttention({ kvHeads, headSize }: BaseModel, { texts, tokensPerText }: CacheRoom, caches: Value[]) {
  return (graph: GraphBuilder, { qkv, layer, attributes }: AttentionRequest): Value => {
    const cache = graph.cache(`keys and values of block ${layer}`, [texts * tokensPerText, 2 * kvHeads * headSize]);
    caches.push(cache);
    const [rows] = qkv.shape;
    if (rows === undefined) throw new Error('qkv has no rows.');
    const out = graph.intermediate('attended', [rows, attributes.heads * headSize]);
    const segments = [graph.input('segmentOffsets', ['offsets']), graph.input('rowSegments', ['tokens'])];
    graph.into('cachedAttention', [qkv, cache, ...segments, graph.input('places', ['sequences', 2])], [out, cache], attributes);
    return out;
  };
}
