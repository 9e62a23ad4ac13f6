import { describe, expect, it } from 'vitest';
import { checkpoint } from './checkpoint';
import type { Graph, Node, Value } from './graph';

let nextId = 0;

function value(label: string): Value {
  return { id: nextId++, label, shape: ['tokens', 4], type: 'f32', role: { kind: 'intermediate' } };
}

function node(op: string, inputs: Value[], outputs: Value[], block?: string): Node {
  return { op, inputs, outputs, attributes: {}, phase: 'gradient', ...(block === undefined ? {} : { block }) };
}

/** Two blocks of two ops, and a backward pass that reads the middle of each and the first block's output. */
function twoBlocks(): Graph {
  const [start, a, unused, b, c, d, dc, db] = ['start', 'a', 'unused', 'b', 'c', 'd', 'dc', 'db'].map(value);
  if (!start || !a || !unused || !b || !c || !d || !dc || !db) throw new Error('A value is missing.');
  return {
    nodes: [
      node('begin', [], [start]),
      node('first', [start], [a, unused], 'h.0'),
      node('second', [a], [b], 'h.0'),
      node('third', [b], [c], 'h.1'),
      node('fourth', [c], [d], 'h.1'),
      node('fourthGradient', [d, c], [dc]),
      node('secondGradient', [dc, a, b], [db]),
    ],
    outputs: new Map([['gradient', db]]),
  };
}

describe('checkpoint', () => {
  it('computes a block again before its first use and leaves the last block alone', () => {
    const graph = checkpoint(twoBlocks());
    expect(graph.nodes.map(({ op, block }) => `${op} ${block ?? ''}`.trim())).toEqual([
      'begin',
      'first h.0',
      'second h.0',
      'third h.1',
      'fourth h.1',
      'fourthGradient',
      'first',
      'secondGradient',
    ]);
  });

  it('reads the copy of what was forgotten, and what other blocks keep alive where it is', () => {
    const before = twoBlocks();
    const graph = checkpoint(before);
    const again = graph.nodes[6];
    const user = graph.nodes[7];
    expect(again?.inputs).toEqual(before.nodes[1]?.inputs);
    expect(user?.inputs[1]).toBe(again?.outputs[0]);
    expect(user?.inputs[2]).toBe(before.nodes[2]?.outputs[0]);
    const ids = graph.nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(graph.outputs).toEqual(before.outputs);
  });

  it('changes nothing where nothing is read again', () => {
    const { nodes, outputs } = twoBlocks();
    const forward = { nodes: nodes.slice(0, 5), outputs };
    expect(checkpoint(forward)).toEqual(forward);
  });
});
