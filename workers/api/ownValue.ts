/**
 * What an object holds under a name that came from a file or an answer; undefined where it only inherits it, as every object does
 * `constructor` and `__proto__`.
 */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
