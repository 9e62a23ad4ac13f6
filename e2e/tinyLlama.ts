import { readFileSync } from 'node:fs';
import { parseGgufHeader } from '../workers/files/gguf';
import { ggmlTypes } from '../workers/files/ggmlTypes';
import type { GgufValue } from '../workers/files/ggufValues';
import type { WrittenValue } from '../workers/files/ggufWriter';
import { firstBlock } from '../workers/testing/firstBlock';
import { writeGguf } from '../workers/testing/writeGguf';
import type { MadeFile } from './files';

const folder = new URL('../workers/testing/fixtures/reference/llama-tiny-lm/', import.meta.url);
const special = ['<|pad|>', '<|im_start|>', '<|im_end|>'];

const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** The characters that byte-level tokenizers write for bytes. */
function byteCharacters(): string[] {
  const printable = [
    [33, 126],
    [161, 172],
    [174, 255],
  ].flatMap(([first = 0, last = 0]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printable.includes(byte));
  return [...printable, ...others.map((_, index) => 256 + index)].map((code) => String.fromCharCode(code));
}

/**
 * A Llama of two blocks, or of the first alone, that knows nothing yet, with a token for each byte and a chat format. `changes`: of its
 * config.json.
 */
export function tinyLlama(blocks: 1 | 2 = 2, changes: Record<string, unknown> = {}): MadeFile[] {
  const config: Record<string, unknown> = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8'));
  const weights = readFileSync(new URL('model.safetensors', folder));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    added_tokens: special.map((content, index) => ({
      id: 256 + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(byteCharacters().map((character, id) => [character, id])),
      merges: [],
    },
  };
  const json = (name: string, value: unknown): MadeFile => ({
    name,
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(value)),
  });
  return [
    // Positions are computed, so a longer text costs no weights.
    json('config.json', { ...config, num_hidden_layers: blocks, max_position_embeddings: 512, ...changes }),
    json('tokenizer.json', tokenizer),
    json('tokenizer_config.json', { eos_token: '<|im_end|>', bos_token: '<|im_start|>', chat_template: chatTemplate }),
    {
      name: 'model.safetensors',
      mimeType: 'application/octet-stream',
      buffer: blocks === 2 ? weights : Buffer.from(firstBlock(weights)),
    },
  ];
}

/** The reference's file as it is: its vocabulary is `<t0>`, `<t1>` and so on, in which no text can be written. */
export function wordlessLlama(): MadeFile {
  const name = 'llama-tiny-lm.Q8_0.gguf';
  return { name, mimeType: 'application/octet-stream', buffer: readFileSync(new URL(`../quant/${name}`, folder)) };
}

/** The same weights with a token for each byte. */
export function quantisedLlama(): MadeFile {
  const file = wordlessLlama();
  const header = parseGgufHeader(file.buffer, file.buffer.length, file.name);
  if (!header) throw new Error(`${file.name} is cut off.`);
  const numbersOfTypes = new Map([...ggmlTypes].map(([number, type]) => [type.name, number]));
  const tensors = header.tensors.map(({ name, shape, type, byteOffset, byteLength }) => ({
    name,
    shape,
    type: numbersOfTypes.get(type.name) ?? Number.NaN,
    bytes: file.buffer.subarray(byteOffset, byteOffset + byteLength),
  }));
  const kept = [...header.metadata].flatMap(([key, value]) => {
    const written = asWritten(value);
    return written === null ? [] : [[key, written] as const];
  });
  const letters = [...byteCharacters(), ...special];
  const metadata: Record<string, WrittenValue> = {
    ...Object.fromEntries(kept),
    'tokenizer.ggml.tokens': { texts: letters },
    'tokenizer.ggml.token_type': { ints: letters.map((letter) => (special.includes(letter) ? 3 : 1)) },
    'tokenizer.ggml.merges': { texts: [] },
  };
  return { ...file, buffer: Buffer.from(writeGguf(metadata, tensors)) };
}

/** Null for lists, of which the file has none but those of its vocabulary. */
function asWritten(value: GgufValue): WrittenValue | null {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'boolean') return { flag: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { uint32: value } : { float32: value };
  return null;
}
