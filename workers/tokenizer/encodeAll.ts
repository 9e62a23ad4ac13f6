import { TimeSlice } from './timeSlice';

export interface EncodeAllOptions {
  /** Tokens kept of a text; the rest at its end is cut. */
  maxLength: number;
  signal?: AbortSignal;
  onProgress?: (progress: { texts: number; totalTexts: number }) => void;
}

/** Many texts in one flat array: text i is `ids[offsets[i] .. offsets[i + 1]]`. */
export interface EncodedTexts {
  /** After cutting. */
  ids: Int32Array;
  /** `(texts + 1)` */
  offsets: Int32Array;
  /** `(texts)`: tokens before cutting. */
  lengths: Int32Array;
  /** Texts that were cut. */
  truncated: number;
}

/** Encodes texts in slices of some 25 ms. Throws the signal's reason when it is aborted. */
export async function encodeTexts(
  encode: (text: string) => number[],
  texts: Iterable<string> & { readonly length: number },
  { maxLength, signal, onProgress }: EncodeAllOptions,
): Promise<EncodedTexts> {
  if (!Number.isInteger(maxLength) || maxLength < 1)
    throw new RangeError(`max_length is ${maxLength}; it must be a whole number from 1.`);
  let ids = new Int32Array(1024);
  const offsets = new Int32Array(texts.length + 1);
  const lengths = new Int32Array(texts.length);
  let truncated = 0;
  let filled = 0;
  const slice = new TimeSlice();
  let index = 0;
  for (const text of texts) {
    const tokens = encode(text);
    const kept = Math.min(tokens.length, maxLength);
    if (filled + kept > ids.length) ids = grown(ids, filled + kept);
    for (let token = 0; token < kept; token += 1) ids[filled + token] = tokens[token]!;
    filled += kept;
    offsets[index + 1] = filled;
    lengths[index] = tokens.length;
    if (tokens.length > kept) truncated += 1;
    index += 1;
    if (!slice.isOver()) continue;
    onProgress?.({ texts: index, totalTexts: texts.length });
    await slice.giveWay();
    signal?.throwIfAborted();
  }
  onProgress?.({ texts: texts.length, totalTexts: texts.length });
  return { ids: ids.slice(0, filled), offsets, lengths, truncated };
}

/** A view of one text's ids, cut further to `maxLength` where given. */
export function idsOf({ ids, offsets }: EncodedTexts, index: number, maxLength = Infinity): Int32Array {
  const start = offsets[index]!;
  return ids.subarray(start, Math.min(offsets[index + 1]!, start + maxLength));
}

function grown(ids: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, ids.length * 2));
  larger.set(ids);
  return larger;
}
