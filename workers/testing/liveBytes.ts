import type { Graph } from '../engine/graph';
import { lastUses } from '../engine/memoryPlan';
import { elementCount, type Counts } from '../engine/shape';

/** The most bytes of intermediate values that any node finds alive: no plan can need less. */
export function mostLiveBytes(graph: Graph, counts: Counts): number {
  const last = lastUses(graph);
  const changes = new Float64Array(graph.nodes.length + 2);
  graph.nodes.forEach((node, first) => {
    for (const { id, role, shape, type } of node.outputs) {
      if (role.kind !== 'intermediate') continue;
      const bytes = elementCount(shape, counts) * (type === 'f16' ? 2 : 4);
      changes[first]! += bytes;
      changes[(last.get(id) ?? first) + 1]! -= bytes;
    }
  });
  let alive = 0;
  return changes.reduce((most, change) => Math.max(most, (alive += change)), 0);
}
