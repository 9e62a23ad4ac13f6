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
    const characters = Array.from(token);
    if (characters.length > longestPiece) continue;
    for (let cut = 1; cut < characters.length; cut++) {
      const parts: [string, string] = [characters.slice(0, cut).join(''), characters.slice(cut).join('')];
      const [left, right] = [idOf.get(parts[0]), idOf.get(parts[1])];
      if (left === undefined || right === undefined) continue;
      merges.push({ parts, score: scores[id] ?? 0, lengths: [cut, characters.length - cut], ids: [left, right] });
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
