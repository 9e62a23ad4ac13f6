/**
 * The merges that scored pieces stand for (SentencePiece BPE joins the two neighbours whose join scores highest), in the order that
 * transformers gives them when it converts such a vocabulary: by score, then by the length of the left and of the right part.
 * @param isPiece whether a token takes part; control and byte tokens do not
 */
export function mergesOfScores(
  tokens: readonly string[],
  scores: ArrayLike<number>,
  isPiece: (id: number) => boolean,
): [string, string][] {
  const idOf = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (isPiece(id) && !idOf.has(token)) idOf.set(token, id);
  });
  const merges: { parts: [string, string]; score: number; lengths: [number, number]; ids: [number, number] }[] = [];
  for (const [token, id] of idOf) {
    const length = characterCount(token);
    if (length > longestPiece) continue;
    let cut = 0;
    for (let at = 0; at < token.length;) {
      at += token.codePointAt(at)! > 0xffff ? 2 : 1;
      cut++;
      const parts: [string, string] = [token.slice(0, at), token.slice(at)];
      const [left, right] = [idOf.get(parts[0]), idOf.get(parts[1])];
      if (left === undefined || right === undefined || parts[1] === '') continue;
      merges.push({ parts, score: scores[id] ?? 0, lengths: [cut, length - cut], ids: [left, right] });
    }
  }
  merges.sort(
    (a, b) =>
      b.score - a.score ||
      b.lengths[0] - a.lengths[0] ||
      b.lengths[1] - a.lengths[1] ||
      a.ids[0] - b.ids[0] ||
      a.ids[1] - b.ids[1],
  );
  return merges.map(({ parts }) => parts);
}

/** SentencePiece's own limit is 16; a longer piece costs the square of its length. */
const longestPiece = 128;

/** Characters that `mergesOfScores` compares, and the most of them that are bearable; Llama 2's vocabulary has a million. */
export const mostMergeWork = 40_000_000;

export function mergeWork(tokens: readonly string[], isPiece: (id: number) => boolean): number {
  return tokens.reduce((work, { length }, id) => (length <= 2 * longestPiece && isPiece(id) ? work + length ** 2 : work), 0);
}

function characterCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}
