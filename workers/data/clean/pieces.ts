import type { ChangedPiece } from '../../api/cleaning';

/** Words, runs of white space, and single other characters. */
const PIECE = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;
/** Compared at most; the table of the comparison grows with the square. */
const mostPieces = 300;
const shownCharacters = 220;
const keptBefore = 40;

/** How one text became the other, in pieces; long texts are shown around the first change. */
export function changedPieces(before: string, after: string): ChangedPiece[] {
  const start = sharedStart(before, after);
  const near = Math.max(0, start - keptBefore);
  // Words before the change stay whole where there is white space to cut at.
  const cut = near === 0 ? 0 : before.slice(near, start).search(/\s/);
  const from = cut < 0 ? start : near + cut;
  const lead = from === 0 ? '' : '…';
  const a = piecesOf(before.slice(from));
  const b = piecesOf(after.slice(from));
  const compared = joined(compare(a, b));
  return shortened(lead === '' ? compared : [{ kind: 'same', text: lead }, ...compared]);
}

/** Characters that both begin with, back to the end of a word, so that no word or pair of surrogates is torn. */
function sharedStart(before: string, after: string): number {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start += 1;
  while (start > 0 && /\S/.test(before[start - 1] ?? '')) start -= 1;
  return start;
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (const [piece] of text.slice(0, 4 * shownCharacters).matchAll(PIECE)) {
    if (pieces.length === mostPieces) break;
    pieces.push(piece);
  }
  return pieces;
}

/** A longest common subsequence, by dynamic programming. */
function compare(before: readonly string[], after: readonly string[]): ChangedPiece[] {
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const pieces: ChangedPiece[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      pieces.push({ kind: 'same', text: before[i]! });
      i += 1;
      j += 1;
    } else if (j === after.length || (i < before.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      pieces.push({ kind: 'removed', text: before[i]! });
      i += 1;
    } else {
      pieces.push({ kind: 'added', text: after[j]! });
      j += 1;
    }
  }
  return pieces;
}

/** Neighbours of one kind become one; what is removed stands before what is added in its place. */
function joined(pieces: readonly ChangedPiece[]): ChangedPiece[] {
  const result: ChangedPiece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const earlier = result.at(-2);
    if (last?.kind === piece.kind) last.text += piece.text;
    else if (piece.kind === 'removed' && last?.kind === 'added') {
      if (earlier?.kind === 'removed') earlier.text += piece.text;
      else result.splice(-1, 0, { ...piece });
    } else result.push({ ...piece });
  }
  return result;
}

function shortened(pieces: readonly ChangedPiece[]): ChangedPiece[] {
  const shown: ChangedPiece[] = [];
  let room = shownCharacters;
  for (const piece of pieces) {
    const characters = Array.from(piece.text.slice(0, 2 * room));
    if (characters.length <= room) shown.push(piece);
    else return [...shown, { ...piece, text: `${characters.slice(0, room).join('')}…` }];
    room -= characters.length;
    if (room <= 0) break;
  }
  return shown;
}
