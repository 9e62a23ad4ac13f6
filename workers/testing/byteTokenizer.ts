/** A tokenizer.json of 256 bytes, and pad, begin and end of text after them: what the tiny fixtures' vocabularies of 259 have room for. */
export function byteTokenizerJson(): string {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const special = ['<pad>', '<s>', '</s>'].map((content, index) => ({
    id: 256 + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return JSON.stringify({
    version: '1.0',
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', unk_token: null, byte_fallback: false, vocab: byteVocabulary(), merges: [] },
  });
}

/** GPT-2's letters for bytes: printable ones stand for themselves, the others for those from U+0100 on. */
function byteVocabulary(): Record<string, number> {
  const isPrintable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Object.fromEntries(
    Array.from({ length: 256 }, (_, byte) => [String.fromCodePoint(isPrintable(byte) ? byte : next++), byte]),
  );
}
