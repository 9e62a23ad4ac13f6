import { isRecord } from '../api/isRecord';
/** Reads an unknown value as a `Value`, or calls `fail` with what is wrong where; nothing of the unknown value is kept but what it names. */
export type Shape<Value> = (value: unknown, path: string) => Value;

/** What a shape throws; `path` says where. */
export class ShapeMismatch extends Error {
  override readonly name = 'ShapeMismatch';
}

function fail(path: string, wanted: string): never {
  throw new ShapeMismatch(`${path} is not ${wanted}`);
}

export const flag: Shape<boolean> = (value, path) => (typeof value === 'boolean' ? value : fail(path, 'true or false'));

export function text(most: number): Shape<string> {
  return (value, path) =>
    typeof value === 'string' && value.length <= most ? value : fail(path, `a text of up to ${most} characters`);
}

export function matching(pattern: RegExp): Shape<string> {
  return (value, path) => (typeof value === 'string' && pattern.test(value) ? value : fail(path, `like ${pattern.source}`));
}

export function finite(least = -Number.MAX_VALUE, most = Number.MAX_VALUE): Shape<number> {
  return (value, path) =>
    typeof value === 'number' && value >= least && value <= most ? value : fail(path, `a number from ${least} to ${most}`);
}

export function whole(least = 0, most = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : fail(path, `a whole number from ${least} to ${most}`);
}

export function oneOf<const Choice extends string | boolean>(...choices: readonly Choice[]): Shape<Choice> {
  return (value, path) => choices.find((choice) => choice === value) ?? falseOf(choices, value, path);
}

/** `find` cannot tell a found `false` from nothing. */
function falseOf<Choice>(choices: readonly Choice[], value: unknown, path: string): Choice {
  const at = choices.findIndex((choice) => choice === value);
  const found = choices[at];
  return found === undefined ? fail(path, `one of ${choices.join(', ')}`) : found;
}

export function nullable<Value>(shape: Shape<Value>): Shape<Value | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

export function listOf<Value>(shape: Shape<Value>, most: number): Shape<Value[]> {
  return (value, path) =>
    Array.isArray(value) && value.length <= most
      ? value.map((entry: unknown, index) => shape(entry, `${path}[${index}]`))
      : fail(path, `a list of up to ${most}`);
}

export function pairOf<Value>(shape: Shape<Value>): Shape<[Value, Value]> {
  return (value, path) =>
    Array.isArray(value) && value.length === 2
      ? [shape(value[0], `${path}[0]`), shape(value[1], `${path}[1]`)]
      : fail(path, 'a pair');
}

/** Names given by the file: `__proto__` is a name like any other. */
export function namesTo<Value>(shape: Shape<Value>, most: number): Shape<Record<string, Value>> {
  return (value, path) => {
    const entries = Object.entries(recordOf(value, path));
    if (entries.length > most) fail(path, `a record of up to ${most} names`);
    return Object.fromEntries(entries.map(([name, entry]) => [name, shape(entry, `${path}.${name.slice(0, 40)}`)]));
  };
}

type Shapes<Value> = { readonly [Key in keyof Required<Value>]: Shape<Value[Key]> };

/** Exactly these fields are taken, each from the value itself and none from its prototype. A shape that allows `undefined` may lack. */
export function fields<Value extends object>(shapes: Shapes<Value>): Shape<Value> {
  return (value, path) => {
    const record = recordOf(value, path);
    const read: Partial<Value> = {};
    for (const key in shapes) {
      const field = shapes[key](Object.hasOwn(record, key) ? record[key] : undefined, `${path}.${key}`);
      if (field !== undefined) read[key] = field;
    }
    if (!isComplete(read, shapes)) return fail(path, 'complete');
    return read;
  };
}

/** Every shape has run by then: what lacks is what may. */
function isComplete<Value extends object>(read: Partial<Value>, shapes: Shapes<Value>): read is Value {
  return Object.keys(read).every((key) => key in shapes);
}

export function optional<Value>(shape: Shape<Value>): Shape<Value | undefined> {
  return (value, path) => (value === undefined ? undefined : shape(value, path));
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  return isRecord(value) ? value : fail(path, 'a record');
}
