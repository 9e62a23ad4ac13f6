import type { Node } from '../graph';

/** One node for all that differ in nothing that the choice of kernels looks at: a model's layers are alike. */
export function distinctNodes(nodes: readonly Node[]): Node[] {
  const first = new Map<string, Node>();
  for (const node of nodes) {
    const key = keyOf(node);
    if (!first.has(key)) first.set(key, node);
  }
  return [...first.values()];
}

/** Op, attributes but for dropout sites, and of each value its type, shape, place and whether the node has it twice. */
function keyOf({ op, inputs, outputs, attributes }: Node): string {
  const values = [...inputs, ...outputs];
  const ids = [...new Set(values.map((value) => value?.id))];
  const parts = values.map((value) => {
    if (!value) return null;
    const { role, shape, type } = value;
    const place = role.kind === 'weight' ? [role.storage, role.columns] : role.kind;
    return [ids.indexOf(value.id), place, shape, type];
  });
  return JSON.stringify([op, attributes, parts], (name, value: unknown) => (name === 'site' ? 0 : value));
}
