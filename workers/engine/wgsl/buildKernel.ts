import type { Value } from '../graph';
import type { BlockFormat } from '../quantisedBlocks';
import type { Counts, Dim } from '../shape';
import { blockFormatOf, heldAs } from '../weightStorage';
import blocks from './blocks.wgsl?raw';
import halves from './halves.wgsl?raw';
import header from './header.wgsl?raw';
import type { Kernel } from './kernel';
import { fillTemplate, type Flags } from './template';

/** `vec4`: four numbers at a time; needs a number of columns that divides by four. */
export type ElementType = 'scalar' | 'vec4';

export interface BindingSpec {
  name: string;
  value: Value;
  type: ElementType;
}

export interface KernelParts {
  label: string;
  /** Templates of `fillTemplate`, shared pieces first. */
  body: readonly string[];
  /** WGSL extensions that the body uses; only those that the device was asked for. */
  enables?: readonly ('f16' | 'subgroups')[];
  /** Known to the template; numbers are also WGSL constants (u32). */
  flags?: Flags;
  /** Bound in this order. WGSL reads `name_at(i)` (`name_4(i)` for vec4, counted in fours; with `enable f16` also `name_half4(i)`) and writes `name_put(i, value)`. */
  bindings: readonly BindingSpec[];
  /** Fields of the uniform `shape` before all others: `tableLength` integers each, read as `shape.name[i / 4][i % 4]`. */
  words?: Readonly<Record<string, readonly number[]>>;
  /** Fields of the uniform `shape`, in order: integers, then floats. A symbolic one is read through `extent()`. */
  integers?: Readonly<Record<string, Dim>>;
  floats?: Readonly<Record<string, number>>;
  grid(counts: Counts): [number, number, number];
  multiplyAdds(counts: Counts): number;
  /** False for a kernel that ignores the tile origin. */
  splittable?: boolean;
}

/** The same for every kernel, so that tables of different lengths share a pipeline. */
export const tableLength = 128;

/** WebGPU's limit for each axis of a dispatch. */
export const maxWorkgroupsPerAxis = 65_535;

/**
 * Completes a WGSL body with its uniforms, constants and bindings. A value that is used twice is bound once, because
 * two writable bindings of the same bytes are an error; everything in an arena is writable, because a buffer's usage
 * must be one and the same in a dispatch.
 */
export function buildKernel(parts: KernelParts): Kernel {
  const words = Object.entries(parts.words ?? {});
  const integers = Object.entries(parts.integers ?? {});
  const floats = Object.entries(parts.floats ?? {});
  const bound = new Map<number, BindingSpec & { index: number }>();
  for (const spec of parts.bindings) if (!bound.has(spec.value.id)) bound.set(spec.value.id, { ...spec, index: bound.size + 3 });
  const shape = [
    ...words.map(([name]) => `  ${name}: array<vec4u, ${tableLength / 4}>,`),
    ...integers.map(([name]) => `  ${name}: u32,`),
    ...floats.map(([name]) => `  ${name}: f32,`),
  ];
  const flags = parts.flags ?? {};
  const source = [
    ...(parts.enables ?? []).map((extension) => `enable ${extension};`),
    header,
    [...bound.values()].some(({ value }) => value.type === 'f16') ? halves : '',
    [...bound.values()].some(({ value }) => blockFormatOf(value)) ? blocks : '',
    shape.length > 0 ? `struct Shape {\n${shape.join('\n')}\n}\n@group(0) @binding(1) var<uniform> shape: Shape;` : '',
    ...Object.entries(flags).map(([name, value]) => (typeof value === 'number' ? `const ${name} = ${value}u;` : '')),
    ...[...bound.values()].map(declaration),
    ...parts.bindings.map((spec) => accessor(spec, bound.get(spec.value.id), parts.enables?.includes('f16') ?? false)),
    ...parts.body.map((body) => fillTemplate(body, flags)),
  ];
  return {
    label: parts.label,
    source: source.filter(Boolean).join('\n'),
    bindings: [...bound.values()].map(({ value }) => ({ value, access: accessOf(value) })),
    shape: {
      u32: [...words.flatMap(([name, values]) => tableOf(name, values)), ...integers.map(([, dim]) => encodeDim(dim))],
      f32: floats.map(([, value]) => value),
    },
    grid: parts.grid,
    splittable: parts.splittable ?? true,
    multiplyAdds: parts.multiplyAdds,
  };
}

/** `groups` workgroups, along y as far as it goes, so that they can be cut; the kernel finds its number with `groupIndex()`. */
export function spread(groups: number): [number, number, number] {
  const x = Math.max(1, Math.ceil(groups / maxWorkgroupsPerAxis));
  return [x, Math.max(1, Math.ceil(groups / x)), 1];
}

function tableOf(name: string, values: readonly number[]): number[] {
  if (values.length > tableLength) throw new RangeError(`${name} has ${values.length} numbers; a table holds ${tableLength}.`);
  return Array.from({ length: tableLength }, (_, index) => values[index] ?? 0);
}

function encodeDim(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  return { tokens: 0xffffffff, sequences: 0xfffffffe, offsets: 0xfffffffd, targets: 0xfffffffc }[dim];
}

function accessOf(value: Value): 'read' | 'read_write' {
  return value.role.kind === 'weight' || value.role.kind === 'input' ? 'read' : 'read_write';
}

/** Held as float16, two in a u32: intermediate values of that type, and weights. */
export function isHalf(value: Value): boolean {
  return value.type === 'f16' || (value.role.kind === 'weight' && heldAs(value) === 'float16');
}

function declaration({ name, value, type, index }: BindingSpec & { index: number }): string {
  const half = type === 'vec4' ? 'vec2u' : 'u32';
  const full = value.type === 'i32' ? 'i32' : type === 'vec4' ? 'vec4f' : 'f32';
  const element = blockFormatOf(value) ? 'u32' : isHalf(value) ? half : full;
  return `@group(0) @binding(${index}) var<storage, ${accessOf(value)}> ${name}: array<${element}>;`;
}

function accessor(spec: BindingSpec, bound: BindingSpec | undefined, hasHalves: boolean): string {
  const { name, value, type } = spec;
  if (bound?.type !== type) throw new Error(`${name} and ${bound?.name} are one value, bound as ${type} and ${bound?.type}.`);
  const writes = accessOf(value) === 'read_write' ? writer(spec, bound.name) : '';
  const narrow = hasHalves && type === 'vec4' ? halfReader(spec, bound.name) : '';
  return [reader(spec, bound.name), narrow, writes].filter(Boolean).join('\n');
}

function reader({ name, value, type }: BindingSpec, from: string): string {
  const format = blockFormatOf(value);
  if (format) return blockReader(format, name, type, from);
  if (type === 'vec4') {
    const halves = `let pair = ${from}[i]; return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));`;
    return `fn ${name}_4(i: u32) -> vec4f { ${isHalf(value) ? halves : `return ${from}[i];`} }`;
  }
  if (value.type === 'i32') return `fn ${name}_at(i: u32) -> u32 { return u32(${from}[i]); }`;
  const half = `return unpack2x16float(${from}[i >> 1u])[i & 1u];`;
  return `fn ${name}_at(i: u32) -> f32 { ${isHalf(value) ? half : `return ${from}[i];`} }`;
}

/** Four numbers are half a word or a whole one, and another word for their scale; see `quantisedBlocks.ts`. */
function blockReader(format: BlockFormat, name: string, type: ElementType, from: string): string {
  const four = {
    int8: `let group = i >> 4u; return int8Four(${from}[i + group], ${from}[group * 17u + 16u], i);`,
    int4: `let word = (i >> 3u) * 5u; return int4Four(${from}[word + ((i >> 1u) & 3u)], ${from}[word + 4u], i);`,
  }[format];
  const fours = `fn ${name}_4(i: u32) -> vec4f { ${four} }`;
  return type === 'vec4' ? fours : `${fours}\nfn ${name}_at(i: u32) -> f32 { return ${name}_4(i >> 2u)[i & 3u]; }`;
}

/** Four numbers as the arithmetic type of `enable f16`. */
function halfReader({ name, value }: BindingSpec, from: string): string {
  const numbers = isHalf(value) ? `bitcast<vec4<f16>>(${from}[i])` : `vec4<f16>(${name}_4(i))`;
  return `fn ${name}_half4(i: u32) -> vec4<f16> { return ${numbers}; }`;
}

/** None for single halves: two threads would meet in a word. */
function writer({ name, value, type }: BindingSpec, from: string): string {
  if (type === 'vec4') {
    return `fn ${name}_put(i: u32, value: vec4f) { ${from}[i] = ${isHalf(value) ? 'packHalves(value)' : 'value'}; }`;
  }
  return isHalf(value) || value.type === 'i32' ? '' : `fn ${name}_put(i: u32, value: f32) { ${from}[i] = value; }`;
}
