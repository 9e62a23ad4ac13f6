import type { Node, Value } from '../../engine/graph';
import { elementCount, matrix, resolveDim, type Counts, type Dim } from '../../engine/shape';
import type { BindingSpec, ElementType } from '../../engine/wgsl/buildKernel';

/** Input `index` of a node; throws where it is absent. */
export function operand(node: Node, index: number): Value {
  const value = node.inputs[index];
  if (!value) throw new Error(`${node.op} has no input ${index}.`);
  return value;
}

/** Output `index` of a node; throws where there is none. */
export function result(node: Node, index: number): Value {
  const value = node.outputs[index];
  if (!value) throw new Error(`${node.op} has no output ${index}.`);
  return value;
}

/** `(rows, columns)` of a value that is a matrix. */
export function extents(value: Value): readonly [Dim, number] {
  return matrix(value.shape, value.label);
}

/** As `extents`, for elementwise work: a vector is a column. */
export function flatExtents(value: Value): readonly [Dim, number] {
  const [length] = value.shape;
  return value.shape.length === 1 && length !== undefined ? [length, 1] : extents(value);
}

export function bind(name: string, value: Value, type: ElementType = 'scalar'): BindingSpec {
  return { name, value, type };
}

/** The binding of an optional value: one or none. */
export function bindOptional(name: string, value: Value | null | undefined, type: ElementType = 'scalar'): BindingSpec[] {
  return value ? [bind(name, value, type)] : [];
}

/** Four numbers at a time where every row divides by four. */
export function elementTypeOf(...columns: number[]): ElementType {
  return columns.every((count) => count % 4 === 0) ? 'vec4' : 'scalar';
}

export function rowsOf(value: Value, counts: Counts): number {
  return resolveDim(extents(value)[0], counts);
}

export function sizeOf(value: Value, counts: Counts): number {
  return elementCount(value.shape, counts);
}
