import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Node, Value } from './graph';
import { lastUses, planMemory } from './memoryPlan';

/** A random graph: node i makes value i from some earlier values. */
const graphs = fc
  .array(
    fc.record({
      rows: fc.constantFrom(1, 3, 65, 'tokens' as const),
      columns: fc.integer({ min: 1, max: 300 }),
      uses: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((specs): Graph => {
    const values = specs.map(({ rows, columns }, id): Value => ({
      id,
      label: `v${id}`,
      shape: [rows, columns],
      type: 'f32',
      role: { kind: 'intermediate' },
    }));
    const nodes = specs.map(({ uses }, id): Node => {
      const inputs = id === 0 ? [] : uses.flatMap((use) => values[use % id] ?? []);
      return { op: 'any', inputs, outputs: values.slice(id, id + 1), attributes: {}, phase: 'gradient' };
    });
    return { nodes, outputs: new Map(values.slice(-1).map((value) => ['last', value])) };
  });

describe('planMemory', () => {
  it('never lets two values that live at the same time share bytes', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(2 ** 18, 2 ** 30), (graph, maxArenaBytes) => {
        const plan = planMemory(graph, { tokens: 97, sequences: 4 }, maxArenaBytes);
        const last = lastUses(graph);
        const entries = graph.nodes.flatMap((node, first) =>
          node.outputs.map((value) => ({ first, last: last.get(value.id) ?? first, place: plan.places.get(value.id) })),
        );
        for (const [at, a] of entries.entries()) {
          expect(a.place?.offsetBytes).toSatisfy((offset: number) => offset % 256 === 0);
          expect((a.place?.offsetBytes ?? 0) + (a.place?.sizeBytes ?? 0)).toBeLessThanOrEqual(
            plan.arenaBytes[a.place?.arena ?? -1] ?? 0,
          );
          for (const b of entries.slice(at + 1)) {
            if (!a.place || !b.place || a.place.arena !== b.place.arena || a.last < b.first || b.last < a.first) continue;
            const apart =
              a.place.offsetBytes + a.place.sizeBytes <= b.place.offsetBytes ||
              b.place.offsetBytes + b.place.sizeBytes <= a.place.offsetBytes;
            expect(apart).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives a chain of equal values two places', () => {
    const values = Array.from({ length: 10 }, (_, id): Value => ({
      id,
      label: `v${id}`,
      shape: [64, 4],
      type: 'f32',
      role: { kind: 'intermediate' },
    }));
    const nodes = values.map((value, id): Node => ({
      op: 'any',
      inputs: values.slice(Math.max(0, id - 1), id),
      outputs: [value],
      attributes: {},
      phase: 'gradient',
    }));
    expect(planMemory({ nodes, outputs: new Map() }, { tokens: 1, sequences: 1 }, 2 ** 20).arenaBytes).toEqual([2048]);
  });

  it('says which value is too large for a buffer', () => {
    const value: Value = { id: 0, label: 'huge', shape: [1024, 1024], type: 'f32', role: { kind: 'intermediate' } };
    const nodes: Node[] = [{ op: 'any', inputs: [], outputs: [value], attributes: {}, phase: 'gradient' }];
    expect(() => planMemory({ nodes, outputs: new Map() }, { tokens: 1, sequences: 1 }, 1024)).toThrow(
      /huge needs 4194304 bytes; one buffer of this device holds 1024/,
    );
  });
});
