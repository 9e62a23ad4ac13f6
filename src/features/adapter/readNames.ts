/** Class names, one a line; `problem` says what is wrong and what to do. */
export function readNames(text: string, count: number): { names: string[]; problem: string | null } {
  const names = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (names.length !== count)
    return { names, problem: `The names and classes do not match: ${names.length} for ${count} classes. Write one name a line.` };
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return { names, problem: `“${twice}” stands there twice. Give each class a name of its own.` };
  return { names, problem: null };
}
