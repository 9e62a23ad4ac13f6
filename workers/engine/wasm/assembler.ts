import { section, text, unsigned, vectorOf, type Bytes } from './encoding';
import {
  i32,
  integer,
  statement,
  type Expression,
  type F32,
  type Float,
  type I32,
  type Integer,
  type V128,
  type ValueType,
} from './instructions';

/** A local variable or a parameter; reads as an expression. */
export interface Local<T extends ValueType> extends Expression<T> {
  readonly index: number;
}

type Locals<P extends readonly ValueType[]> = { [Index in keyof P]: Local<P[Index]> };
type Arguments<P extends readonly ValueType[]> = { [Index in keyof P]: Expression<P[Index]> | (P[Index] extends 'i32' ? number : never) }; // prettier-ignore

/** A function of the module. It is emitted when something calls or exports it. */
export interface FunctionDefinition<P extends readonly ValueType[] = readonly ValueType[]> {
  readonly name: string;
  readonly parameters: P;
  build(f: FunctionBuilder, parameters: Locals<P>): void;
}

export function defineFunction<const P extends readonly ValueType[]>(
  name: string,
  parameters: P,
  build: (f: FunctionBuilder, parameters: Locals<P>) => void,
): FunctionDefinition<P> {
  return { name, parameters, build };
}

const typeCodes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const blockVoid = 0x40;
/** A NUL, “asm”, version 1. */
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** What the processor offers beyond plain SIMD. */
export interface Features {
  relaxedSimd: boolean;
}

/** Collects the body of one function. */
export class FunctionBuilder {
  readonly features: Features;
  private readonly module: ModuleBuilder;
  private readonly locals: ValueType[] = [];
  private readonly parameterCount: number;
  private code: number[] = [];

  constructor(module: ModuleBuilder, parameters: readonly ValueType[]) {
    this.module = module;
    this.features = module.features;
    this.parameterCount = parameters.length;
  }

  /** A new variable. Without a value it holds what it held when this place was last passed: zero at first. */
  local<T extends ValueType>(type: T, value?: Expression<T>): Local<T> {
    const index = this.parameterCount + this.locals.length;
    this.locals.push(type);
    const local: Local<T> = { type, index, code: [0x20, ...unsigned(index)] };
    if (value) this.set(local, value);
    return local;
  }

  integer(value: Integer): Local<'i32'> {
    return this.local('i32', integer(value));
  }

  vector(value: V128): Local<'v128'> {
    return this.local('v128', value);
  }

  float(value: F32): Local<'f32'> {
    return this.local('f32', value);
  }

  set<T extends ValueType>(local: Local<T>, value: Expression<T>): void {
    this.code.push(...value.code, 0x21, ...unsigned(local.index));
  }

  increase(local: Local<'i32'>, by: Integer): void {
    this.set(local, i32.add(local, by));
  }

  store(address: I32, value: V128, offset = 0): void {
    this.code.push(...statement.storeV128(address, value, offset));
  }

  storeOne(address: I32, value: V128, offset = 0): void {
    this.code.push(...statement.storeOne(address, value, offset));
  }

  storeFloat(address: I32, value: Float, offset = 0): void {
    this.code.push(...statement.storeF32(address, value, offset));
  }

  storeInteger(address: I32, value: Integer, offset = 0): void {
    this.code.push(...statement.storeI32(address, value, offset));
  }

  atomicStore(address: I32, value: Integer, offset = 0): void {
    this.code.push(...statement.atomicStore(address, value, offset));
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.code.push(...condition.code, 0x04, blockVoid);
    then();
    if (otherwise) {
      this.code.push(0x05);
      otherwise();
    }
    this.code.push(0x0b);
  }

  while(condition: I32, body: () => void): void {
    this.if(condition, () => {
      this.code.push(0x03, blockVoid);
      body();
      this.code.push(...condition.code, 0x0d, 0x00, 0x0b);
    });
  }

  /** body(index) for index = from, from + step, … below `end`, which is read each time. */
  for(from: Integer, end: Integer, step: Integer, body: (index: Local<'i32'>) => void): void {
    const index = this.integer(from);
    this.while(i32.less(index, end), () => {
      body(index);
      this.increase(index, step);
    });
  }

  return(): void {
    this.code.push(0x0f);
  }

  drop(value: Expression<ValueType>): void {
    this.code.push(...value.code, 0x1a);
  }

  call<P extends readonly ValueType[]>(definition: FunctionDefinition<P>, ...values: Arguments<P>): void {
    const operands = values as readonly (Expression<ValueType> | number)[];
    for (const value of operands) this.code.push(...(typeof value === 'number' ? integer(value) : value).code);
    this.code.push(0x10, ...unsigned(this.module.indexOf(definition)));
  }

  /** Calls entry `index` of the module's table, a function of three integers. */
  callTable(index: I32, a: I32, b: I32, c: I32): void {
    this.code.push(...a.code, ...b.code, ...c.code, ...index.code, 0x11, ...unsigned(this.module.kernelType()), 0x00);
  }

  host(name: string, value: Expression<'f64'>): Expression<'f64'> {
    return { type: 'f64', code: [...value.code, 0x10, ...unsigned(this.module.hostIndex(name))] };
  }

  /** The function as it stands in the code section. */
  finish(): number[] {
    const body = [...vectorOf(this.locals.map((type) => [1, typeCodes[type]])), ...this.code, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

interface Emitted {
  definition: FunctionDefinition;
  type: number;
  body: Bytes;
}

/** A memory to import. */
export interface MemoryImport {
  initialPages: number;
  maximumPages: number;
  shared: boolean;
}

/** Collects functions and writes the module. Imports: `host.memory`, and host functions of one double under `host`. */
export class ModuleBuilder {
  readonly features: Features;
  private readonly hosts: readonly string[];
  private readonly types: string[] = [];
  private readonly typeBytes: Bytes[] = [];
  private readonly functions: Emitted[] = [];
  private readonly indices = new Map<unknown, number>();

  constructor(features: Features, hosts: readonly string[]) {
    this.features = features;
    this.hosts = hosts;
  }

  indexOf(definition: { readonly name: string; readonly parameters: readonly ValueType[] }): number {
    const known = this.indices.get(definition);
    if (known !== undefined) return known;
    const own = definition as FunctionDefinition;
    const index = this.hosts.length + this.functions.length;
    this.indices.set(definition, index);
    const emitted: Emitted = { definition: own, type: this.typeOf(own.parameters, []), body: [] };
    this.functions.push(emitted);
    const builder = new FunctionBuilder(this, own.parameters);
    const parameters = own.parameters.map((type, at): Local<ValueType> => ({ type, index: at, code: [0x20, ...unsigned(at)] }));
    own.build(builder, parameters);
    emitted.body = builder.finish();
    return index;
  }

  hostIndex(name: string): number {
    const index = this.hosts.indexOf(name);
    if (index < 0) throw new Error(`There is no host function ${name}.`);
    return index;
  }

  /** Three integers, no result. */
  kernelType(): number {
    return this.typeOf(['i32', 'i32', 'i32'], []);
  }

  /** The module's bytes; `table` fills the function table in order, `exported` goes out by name. */
  finish(
    memory: MemoryImport,
    table: readonly FunctionDefinition[],
    exported: readonly FunctionDefinition[],
  ): Uint8Array<ArrayBuffer> {
    const tableIndices = table.map((definition) => this.indexOf(definition));
    const exports = exported.map((definition) => [...text(definition.name), 0x00, ...unsigned(this.indexOf(definition))]);
    const hostType = this.typeOf(['f64'], ['f64']);
    const limits = [memory.shared ? 0x03 : 0x01, ...unsigned(memory.initialPages), ...unsigned(memory.maximumPages)];
    const imports = [
      [...text('host'), ...text('memory'), 0x02, ...limits],
      ...this.hosts.map((name) => [...text('host'), ...text(name), 0x00, ...unsigned(hostType)]),
    ];
    const size = unsigned(tableIndices.length);
    const element = [0x00, 0x41, 0x00, 0x0b, ...vectorOf(tableIndices.map((index) => unsigned(index)))];
    return Uint8Array.from([
      ...magic,
      ...section(1, vectorOf(this.typeBytes)),
      ...section(2, vectorOf(imports)),
      ...section(3, vectorOf(this.functions.map(({ type }) => unsigned(type)))),
      ...section(4, vectorOf([[0x70, 0x01, ...size, ...size]])),
      ...section(7, vectorOf(exports)),
      ...section(9, vectorOf([element])),
      ...section(10, vectorOf(this.functions.map(({ body }) => body))),
    ]);
  }

  private typeOf(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters} -> ${results}`;
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    this.types.push(key);
    const encode = (types: readonly ValueType[]): number[] => vectorOf(types.map((type) => [typeCodes[type]]));
    this.typeBytes.push([0x60, ...encode(parameters), ...encode(results)]);
    return this.types.length - 1;
  }
}
