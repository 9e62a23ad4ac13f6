import { badTokenizer } from './badTokenizer';
import { isRecord } from '../api/isRecord';

/** The largest in use have 262,144 entries, and twice as many merges. */
const largestVocabulary = 500_000;
const mostMerges = 800_000;
const highestId = 2_000_000;
/** Models that score pieces keep a tree of their characters in memory; the largest in use has some two million. */
const mostScoredCharacters = 4_000_000;
/** The most in use are some thousands. */
const mostAddedTokens = 20_000;
const mostAddedCharacters = 1_000_000;

/**
 * Holds vocabulary, merges and added tokens of a tokenizer.json together: every id once and in range, every merge of known tokens.
 * Gives the added tokens. Throws model/bad-tokenizer.
 */
export function checkVocabulary(model: Record<string, unknown>, addedTokens: unknown): unknown[] {
  const { vocab, merges } = model;
  if (Array.isArray(vocab)) checkPieces(vocab);
  const tokens = isRecord(vocab) ? vocab : {};
  const tokenOfId = Array.isArray(vocab) ? new Map<number, string>() : checkIds(tokens);
  if (merges !== undefined) checkMerges(merges, isRecord(vocab) && model['type'] === 'BPE' ? model : null);
  return checkAddedTokens(addedTokens, tokenOfId);
}

function checkPieces(pieces: readonly unknown[]): void {
  checkCount(pieces.length);
  let characters = 0;
  for (const piece of pieces) {
    if (!Array.isArray(piece) || typeof piece[0] !== 'string' || typeof piece[1] !== 'number')
      throw badTokenizer('Its vocabulary holds an entry that is not a token and a score.');
    characters += piece[0].length;
  }
  if (characters > mostScoredCharacters)
    throw badTokenizer(`Its pieces have ${characters} characters; at most ${mostScoredCharacters} are read.`);
}

function checkIds(vocab: Readonly<Record<string, unknown>>): Map<number, string> {
  const tokens = Object.keys(vocab);
  checkCount(tokens.length);
  const tokenOfId = new Map<number, string>();
  for (const token of tokens) claimId(tokenOfId, token, vocab[token]);
  return tokenOfId;
}

function checkCount(entries: number): void {
  if (entries === 0) throw badTokenizer('It has no vocabulary.');
  if (entries > largestVocabulary)
    throw badTokenizer(`Its vocabulary has ${entries} entries; at most ${largestVocabulary} are read.`);
}

/** An id stands for one token, whichever list names it. */
function claimId(tokenOfId: Map<number, string>, token: string, id: unknown): void {
  const shown = token.slice(0, 40);
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= highestId) {
    throw badTokenizer(
      `The token “${shown}” has the id ${String(id).slice(0, 40)}; ids are whole numbers from 0 to ${highestId - 1}.`,
      { token: shown },
    );
  }
  const other = tokenOfId.get(id);
  if (other !== undefined && other !== token)
    throw badTokenizer(`The tokens “${other.slice(0, 40)}” and “${shown}” both have the id ${id}.`, { token: shown, id });
  tokenOfId.set(id, token);
}

/** @param model of merges that must join tokens of its vocabulary to another; null where that cannot be told */
function checkMerges(merges: unknown, model: Record<string, unknown> | null): void {
  if (!Array.isArray(merges)) throw badTokenizer('Its merges are not a list.');
  if (merges.length > mostMerges) throw badTokenizer(`It has ${merges.length} merges; at most ${mostMerges} are read.`);
  const vocab = model && isRecord(model['vocab']) ? model['vocab'] : null;
  const prefix = typeof model?.['continuing_subword_prefix'] === 'string' ? model['continuing_subword_prefix'] : '';
  merges.forEach((merge: unknown, index) => {
    const [left, right, ...others]: unknown[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
    if (typeof left !== 'string' || typeof right !== 'string' || left === '' || right === '' || others.length > 0)
      throw badTokenizer(`Merge ${index + 1} is not a pair of tokens.`, { merge: index + 1 });
    if (vocab === null) return;
    const joined = left + (right.startsWith(prefix) ? right.slice(prefix.length) : right);
    const unknown = [left, right, joined].find((token) => !Object.hasOwn(vocab, token));
    if (unknown !== undefined) {
      throw badTokenizer(`Merge ${index + 1} needs the token “${unknown.slice(0, 40)}”, which is not in the vocabulary.`, {
        merge: index + 1,
        token: unknown.slice(0, 40),
      });
    }
  });
}

function checkAddedTokens(tokens: unknown, tokenOfId: Map<number, string>): unknown[] {
  if (!Array.isArray(tokens)) throw badTokenizer('Its added tokens are not a list.');
  if (tokens.length > mostAddedTokens)
    throw badTokenizer(`It has ${tokens.length} added tokens; at most ${mostAddedTokens} are read.`);
  let characters = 0;
  for (const token of tokens) {
    if (!isRecord(token) || typeof token['content'] !== 'string' || token['content'] === '')
      throw badTokenizer('An added token has no content.');
    claimId(tokenOfId, token['content'], token['id']);
    characters += token['content'].length;
  }
  if (characters > mostAddedCharacters)
    throw badTokenizer(`Its added tokens have ${characters} characters; at most ${mostAddedCharacters} are read.`);
  return tokens;
}
