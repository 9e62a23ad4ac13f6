import { readFileSync } from 'node:fs';
import type { MadeFile } from './files';

const folder = new URL('../workers/testing/fixtures/reference/llama-tiny-lm/', import.meta.url);

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

/** A Llama of two blocks that knows nothing yet, with a token for each byte and a chat format. */
export function tinyLlama(): MadeFile[] {
  const config: Record<string, unknown> = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8'));
  const special = ['<|pad|>', '<|im_start|>', '<|im_end|>'];
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
    json('config.json', { ...config, max_position_embeddings: 512 }),
    json('tokenizer.json', tokenizer),
    json('tokenizer_config.json', { eos_token: '<|im_end|>', bos_token: '<|im_start|>', chat_template: chatTemplate }),
    {
      name: 'model.safetensors',
      mimeType: 'application/octet-stream',
      buffer: readFileSync(new URL('model.safetensors', folder)),
    },
  ];
}
