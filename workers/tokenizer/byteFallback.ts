import { ByteFallbackDecoder, SequenceDecoder } from '@huggingface/tokenizers';
import type { Decoder, Tokenizer } from '@huggingface/tokenizers';

/**
 * Makes the library turn byte tokens into text as the Rust library does: a byte order mark is a character like any other, and
 * bytes that are no UTF-8 become one replacement character each.
 */
export function correctByteFallback({ decoder }: Tokenizer): void {
  const parts: readonly (Decoder | null)[] = decoder instanceof SequenceDecoder ? decoder.decoders : [decoder];
  for (const part of parts) {
    if (part instanceof ByteFallbackDecoder) part.decode_chain = decodeByteTokens;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeByteTokens(tokens: string[]): string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) texts.push(textOf(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(parseInt(byte, 16));
    else {
      flush();
      texts.push(token);
    }
  }
  flush();
  return texts;
}

function textOf(bytes: readonly number[]): string {
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}
