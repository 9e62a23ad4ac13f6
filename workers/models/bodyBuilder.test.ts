import { describe, expect, it } from 'vitest';
import { loraTensor } from '../api/adapterNames';
import { relativeDeviation } from '../engine/deviation';
import { dropoutMask } from '../engine/dropout';
import { GraphBuilder } from '../engine/graph';
import { ParameterLayout } from '../engine/parameters';
import { idleStep } from '../engine/step';
import { fuse } from '../ops/fuse';
import { shapeRules } from '../ops/index';
import { CaseData } from '../ops/opCase';
import { ReferenceExecutor } from '../testing/referenceExecutor';
import { BodyBuilder } from './bodyBuilder';

const [rows, inner, columns, r, scaling] = [5, 12, 8, 3, 1.5];
const seed = 77;

/** A layer with a bias in an adapted model, and the numbers it is made of. */
function layerWith(dropout: number, transposed: boolean) {
  const data = new CaseData(1, { tokens: rows, sequences: 1 });
  const numbers = {
    x: data.value([rows, inner]).values,
    weight: data.value([inner, columns]).values,
    bias: data.value([columns]).values,
    a: data.value([r, inner]).values,
    b: data.value([columns, r]).values,
    magnitudes: data.value([columns], 0.3, 2).values,
  };
  const graph = new GraphBuilder(shapeRules);
  const layout = new ParameterLayout();
  const plan = { lora: { r, scaling, dropout, dora: true, adapts: () => true }, storage: 'float32' as const };
  const body = new BodyBuilder(graph, plan, layout, { modulePrefix: '', transposed });
  const y = body.adapted(graph.input('x', ['tokens', inner], 'f32'), { name: 'm', columns, bias: true });
  graph.output('y', y);
  const trained = new Map([
    [loraTensor('m', 'lora_A'), numbers.a],
    [loraTensor('m', 'lora_B'), numbers.b],
    [loraTensor('m', 'lora_magnitude_vector'), numbers.magnitudes],
  ]);
  const stored = transposed
    ? numbers.weight.map((_, at) => numbers.weight[(at % inner) * columns + Math.floor(at / inner)]!)
    : numbers.weight;
  const weights = new Map([
    ['m.weight', { columns: transposed ? inner : columns, values: stored }],
    ['m.bias', { columns, values: numbers.bias }],
  ]);
  const executor = new ReferenceExecutor(weights, layout.pack(trained));
  const batch = { tokens: rows, sequences: 1, inputs: { x: numbers.x } };
  const run = executor.run(fuse(graph.graph()), batch, { ...idleStep, dropoutSeed: seed }, false);
  return { numbers, layout, y: run.get('y') ?? new Float64Array() };
}

/** PEFT's own order: base(x) + (m / n - 1) W x' + m / n scaling B A x'. */
function expectedOf({ x, weight, bias, a, b, magnitudes }: ReturnType<typeof layerWith>['numbers'], dropout: number): number[] {
  const mask = dropoutMask(seed, 0, dropout, rows, inner);
  const adapted = (k: number, n: number): number =>
    Array.from({ length: r }, (_, at) => scaling * b[n * r + at]! * a[at * inner + k]!).reduce((sum, value) => sum + value, 0);
  const sumOf = (term: (k: number) => number): number =>
    Array.from({ length: inner }, (_, k) => term(k)).reduce((sum, value) => sum + value, 0);
  return Array.from({ length: rows * columns }, (_, index) => {
    const [row, n] = [Math.floor(index / columns), index % columns];
    const norm = Math.sqrt(sumOf((k) => (weight[k * columns + n]! + adapted(k, n)) ** 2));
    const factor = magnitudes[n]! / norm;
    const dropped = (k: number): number => x[row * inner + k]! * mask[row * inner + k]!;
    const base = sumOf((k) => x[row * inner + k]! * weight[k * columns + n]!) + bias[n]!;
    return (
      base +
      (factor - 1) * sumOf((k) => dropped(k) * weight[k * columns + n]!) +
      factor * sumOf((k) => dropped(k) * adapted(k, n))
    );
  });
}

describe('a layer with DoRA', () => {
  it.each([
    [0, false],
    [0, true],
    [0.4, false],
    [0.4, true],
  ])('computes what PEFT does: dropout %f, weight as [out, in] %s', (dropout, transposed) => {
    const { numbers, y } = layerWith(dropout, transposed);
    expect(relativeDeviation(y, expectedOf(numbers, dropout))).toBeLessThan(1e-12);
  });

  it('has PEFT’s three tensors', () => {
    expect([...layerWith(0.4, false).layout.tensors()]).toEqual([
      ['base_model.model.m.lora_A.weight', [r, inner]],
      ['base_model.model.m.lora_B.weight', [columns, r]],
      ['base_model.model.m.lora_magnitude_vector', [columns, 1]],
    ]);
  });
});
