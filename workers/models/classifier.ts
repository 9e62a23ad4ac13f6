import { scoreTensor } from '../api/adapterNames';
import type { GraphBuilder, Value } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';
import type { BaseModel, ClassifierPlan } from './architecture';

/** Adds the body and a classification head without bias on packed sequences; returns the logits `(targets, labels)`. */
export function buildClassifier(model: BaseModel, graph: GraphBuilder, plan: ClassifierPlan, layout: ParameterLayout): Value {
  const hidden = model.buildHidden(graph, plan, layout);
  const slice = layout.slice(scoreTensor, [plan.labelCount, model.width]);
  const score = graph.parameter(scoreTensor, slice.shape, slice.offset);
  return graph.one('project', [hidden, score], { layout: 'rankIn', scale: 1, dropout: 0, site: 0 });
}
