/**
 * Texts one after another, each closed by `separator` (null: by nothing), cut into blocks of `length` tokens, as
 * transformers' language-modelling example cuts a corpus. The rest at the end is a shorter block, left out where it has no
 * second token, for there is nothing to predict in it. Every token but a block's first is predicted once.
 */
export function textBlocks(texts: readonly ArrayLike<number>[], length: number, separator: number | null): Int32Array[] {
  if (!Number.isInteger(length) || length < 2) throw new RangeError(`A block has ${length} tokens; it must have 2 at least.`);
  const closing = separator === null ? 0 : 1;
  const all = new Int32Array(texts.reduce((sum, ids) => sum + ids.length + closing, 0));
  let at = 0;
  for (const ids of texts) {
    all.set(ids, at);
    at += ids.length;
    if (separator !== null) all[at++] = separator;
  }
  return Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
    all.subarray(index * length, (index + 1) * length),
  ).filter((block) => block.length > 1);
}
