import type { Attributes, Node, Role, Value } from '../engine/graph';
import { elementCount, type Counts, type Dim, type Shape } from '../engine/shape';
import { heldAs, roundedTo } from '../engine/weightStorage';
import { halvableValues } from './half';
import { opNamed } from './index';
import type { CaseInput, OpCase } from './opCase';

/** A case whose values have the roles, types and storages that a node's have, so that it may have the node's own kernels. */
export interface CaseNode {
  node: Node;
  /** The case with the numbers as they are stored. */
  testCase: OpCase<Attributes>;
  /** By id, of the inputs. */
  contents: Map<number, Float32Array | Int32Array>;
}

/** The case as `like` would have it; null where it has other optional inputs, or shapes that do not hold such values. */
export function caseNodeLike(like: Node, given: OpCase<Attributes>): CaseNode | null {
  const testCase = withSymbolsOf(like, given);
  if (testCase.inputs.length > like.inputs.length && testCase.inputs.slice(like.inputs.length).some((input) => input))
    return null;
  const values = new Map<number, Value>();
  const contents = new Map<number, Float32Array | Int32Array>();
  const stored: (CaseInput | null)[] = [];
  for (const [index, real] of like.inputs.entries()) {
    const input = testCase.inputs[index] ?? null;
    if ((input === null) !== (real === null)) return null;
    if (!input || !real) {
      stored.push(null);
      continue;
    }
    if ((input.kind === 'integers') !== (real.type === 'i32') || input.shape.length !== real.shape.length) return null;
    const known = values.get(real.id);
    if (known && elementCount(known.shape, testCase.counts) !== input.values.length) return null;
    const value = known ?? valueLike(real, input.shape, real.id);
    values.set(real.id, value);
    const numbers = contents.get(real.id) ?? (input.kind === 'integers' ? input.values : asStored(value, input.values));
    contents.set(real.id, numbers);
    stored.push({ ...input, values: numbers } as CaseInput);
  }
  const shapes = like.inputs.map((real) => (real ? (values.get(real.id)?.shape ?? null) : null));
  const outputs = outputsLike(like, shapes, testCase.attributes, values);
  if (!outputs) return null;
  const inputs = like.inputs.map((real) => real && (values.get(real.id) ?? null));
  const room = opNamed(like.op).scratch?.(shapes, testCase.attributes as never) ?? [];
  const scratch = (like.scratch ?? []).map((real, index) => valueLike(real, room[index] ?? [], real.id));
  const node: Node = { op: like.op, inputs, outputs, scratch, attributes: testCase.attributes, phase: like.phase };
  return holdsHalves(node) ? { node, testCase: { ...testCase, inputs: stored }, contents } : null;
}

function outputsLike(like: Node, shapes: (Shape | null)[], attributes: Attributes, values: Map<number, Value>): Value[] | null {
  if (like.outputs.every(({ id }) => values.has(id))) return like.outputs.map(({ id }) => values.get(id)!);
  const inferred = opNamed(like.op).inferShape(shapes, attributes as never);
  if (inferred.length !== like.outputs.length) return null;
  return like.outputs.map((real, index) => values.get(real.id) ?? valueLike(real, inferred[index] ?? [], real.id));
}

function valueLike(real: Value, shape: Shape, id: number): Value {
  return { id, label: real.label, shape, type: real.type, role: roleLike(real.role, shape) };
}

function roleLike(role: Role, shape: Shape): Role {
  if (role.kind === 'weight') return { ...role, tensor: `${role.tensor} (${shape})`, columns: null };
  return role.kind === 'parameter' || role.kind === 'gradient' ? { ...role, offset: 0 } : role;
}

/** What the value keeps of the numbers. */
function asStored(value: Value, values: Float32Array): Float32Array {
  if (value.role.kind === 'weight') return roundedTo(heldAs(value), values);
  return roundedTo(value.type === 'f16' ? 'float16' : 'float32', values);
}

/** Whether kernels take this node's float16 values as such. */
function holdsHalves(node: Node): boolean {
  const { inputs, outputs } = halvableValues(node);
  const fits = (value: Value | null, index: number, allowed: readonly number[]): boolean =>
    value?.type !== 'f16' || allowed.includes(index);
  return (
    node.inputs.every((value, index) => fits(value, index, inputs)) &&
    node.outputs.every((value, index) => fits(value, index, outputs))
  );
}

/** Cases count in tokens; where the node's rows are targets, so are the case's. */
function withSymbolsOf(like: Node, given: OpCase<Attributes>): OpCase<Attributes> {
  const real = symbolsOf(like.inputs.map((input) => input?.shape ?? []));
  const own = symbolsOf(given.inputs.map((input) => input?.shape ?? []));
  if (real.size !== 1 || own.size !== 1 || !real.has('targets') || !own.has('tokens')) return given;
  const renamed = (shape: Shape): Shape => shape.map((dim) => (dim === 'tokens' ? 'targets' : dim));
  const counts: Counts = { tokens: given.counts.tokens, sequences: given.counts.sequences, targets: given.counts.tokens };
  return { ...given, counts, inputs: given.inputs.map((input) => input && { ...input, shape: renamed(input.shape) }) };
}

function symbolsOf(shapes: readonly Shape[]): Set<Dim> {
  return new Set(shapes.flat().filter((dim) => typeof dim !== 'number'));
}
