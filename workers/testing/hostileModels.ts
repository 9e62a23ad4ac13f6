import { readSafetensors, writeSafetensors, type FloatTensor } from '../files/safetensorsData';
import { readZip, writeZip } from '../files/zip';
import { byteTokenizerJson } from './byteTokenizer';
import { writeGguf, type WrittenTensor } from './writeGguf';

type Bytes = Uint8Array<ArrayBuffer>;

/** What must be said of a hostile file: the error's code, and words of its message. */
export interface Hostile {
  files: () => Map<string, Bytes | string>;
  code: string;
  words: string;
}

/** A sound Llama of two blocks as its files: bytes of config.json and model.safetensors. */
export interface SoundModel {
  config: Bytes;
  weights: Bytes;
  /** As a GGUF file. */
  gguf: Bytes;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

/** Bytes that say how long a header is, the header, and so many bytes of tensors. */
export function safetensorsFile(header: string | Bytes, dataBytes: number): Bytes {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

/** The files of a model that can be used, without its weights. */
export function beside({ config }: SoundModel): Map<string, Bytes | string> {
  return new Map<string, Bytes | string>([
    ['config.json', config],
    ['tokenizer.json', byteTokenizerJson()],
  ]);
}

const sizeField = (value: bigint): Bytes => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
};

/** Safetensors files with one thing wrong each. */
export function hostileSafetensors(sound: SoundModel): Record<string, Hostile> {
  const headerBytes = new DataView(sound.weights.buffer, sound.weights.byteOffset).getUint32(0, true);
  const dataBytes = sound.weights.length - 8 - headerBytes;
  const text = new TextDecoder().decode(sound.weights.subarray(8, 8 + headerBytes));
  const code = 'model/bad-safetensors';
  const named = (weights: () => Bytes, words: string, otherCode = code): Hostile => ({
    files: () => beside(sound).set('model.safetensors', weights()),
    code: otherCode,
    words,
  });
  /** With the header's entries changed; `first` and `second` are those of the first two tensors by place. */
  const changed = (change: (header: Record<string, Entry>, first: Entry, second: Entry) => void) => () => {
    const header: Record<string, Entry> = JSON.parse(text);
    delete header['__metadata__'];
    const [first, second] = Object.values(header).sort((a, b) => a.data_offsets[0]! - b.data_offsets[0]!);
    change(header, first!, second!);
    return safetensorsFile(JSON.stringify(header), dataBytes);
  };
  const spliced = (from: string, to: string) => () => safetensorsFile(text.replace(from, to), dataBytes);
  const firstEntry = '"dtype":"F32","shape":[],"data_offsets":[0,0]';
  return {
    'a header longer than the file': named(() => sound.weights.with(3, 0).with(2, 0x7f), 'but the file ends after'),
    'a header beyond its cap': named(() => sound.weights.with(6, 1), 'are read'),
    'a header that is not JSON': named(() => safetensorsFile('{"a": x}', 0), 'not JSON'),
    'a header that is not UTF-8': named(() => safetensorsFile(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d), 0), 'not UTF-8'),
    'tensors that overlap': named(changed((_, first, second) => (second.data_offsets = second.data_offsets.map((at) => at - first.data_offsets[1]!))), 'overlaps the tensor before it'),
    'a hole': named(changed((_, first) => (first.data_offsets = first.data_offsets.map((at) => at + 4))), 'leaves a hole'),
    'offsets past the end': named(() => sound.weights.slice(0, -4), 'its tensors end at byte'),
    'a tensor that begins after its end': named(changed((_, first) => first.data_offsets.reverse()), 'ends before it'),
    'bytes that disagree with the shape': named(changed((_, first) => (first.shape = [...first.shape, 3])), 'needs'),
    'bytes that disagree with the type': named(changed((_, first) => (first.dtype = 'F16')), 'in F16 needs'),
    'a key twice': named(() => safetensorsFile(`{"a":{${firstEntry}},"\\u0061":{${firstEntry}}}`, 0), 'names “a” twice'),
    'an unknown type': named(changed((_, first) => (first.dtype = 'F7')), 'has the type "F7"'),
    'a type of an object’s own': named(changed((_, first) => (first.dtype = 'constructor')), 'has the type "constructor"'),
    'dimensions that overflow': named(changed((_, first) => (first.shape = [2 ** 40, 2 ** 40])), 'too large to count'),
    'dimensions without end': named(changed((_, first) => (first.shape = Array.from({ length: 1e6 }, () => 1))), 'has 1000000 dimensions'),
    'names without end': named(() => safetensorsFile(`{${Array.from({ length: 400_000 }, (_, index) => `"t${index}":0`).join()}}`, 0), 'more than 300000 named values'),
    'a tensor named __proto__': named(spliced('{"', `{"__proto__":{${firstEntry}},"`), 'names a tensor “__proto__”'),
    'a tensor missing': named(() => without(sound.weights, 'model.norm.weight'), 'lack the tensor norm.weight', 'model/missing-tensor'),
    'no header at all': named(() => sizeField(0n), 'not JSON'),
    'a pickle under another name': named(() => new TextEncoder().encode('\x80\x02}q\x00(X\x05\x00\x00\x00evil.'), 'its header claims'),
  }; // prettier-ignore
}

function without(weights: Bytes, name: string): Bytes {
  const { tensors } = readSafetensors(weights);
  tensors.delete(name);
  return writeSafetensors(tensors);
}

/** GGUF files with one thing wrong each. */
export function hostileGguf({ gguf }: SoundModel): Record<string, Hostile> {
  const find = (word: string) => {
    const at = new TextDecoder('latin1').decode(gguf).indexOf(word);
    if (at < 0) throw new Error(`The file does not name ${word}.`);
    return at;
  };
  const named = (file: () => Bytes, words: string, code = 'model/bad-gguf'): Hostile => ({
    files: () => new Map([['model.gguf', file()]]),
    code,
    words,
  });
  const patched = (at: number, value: bigint, size: 4 | 8) => () => {
    const file = gguf.slice();
    file.set(sizeField(value).subarray(0, size), at);
    return file;
  };
  // A tensor: length of its name (8), 17 bytes of name, dimensions (4), two sizes (16), type (4), offset (8).
  const tensor = find('token_embd.weight') - 8;
  const weight = (name: string, offset = 0): WrittenTensor => ({ name, shape: [8], type: 0, bytes: new Uint8Array(32), offset });
  const nested = () => {
    const begin = writeGguf({ deep: { ints: [] } }).subarray(0, 24 + 8 + 4 + 4);
    const level = Uint8Array.of(9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
    return Uint8Array.from([...begin, ...Array.from({ length: 5000 }, () => [...level]).flat()]);
  };
  const long = 'ab'.repeat(50);
  const pieces = Array.from({ length: 9000 }, (_, index) => `${long}${index}`);
  const scored = () =>
    writeGguf(
      {
        'general.architecture': { text: 'llama' },
        'llama.block_count': { uint32: 1 },
        'llama.context_length': { uint32: 8 },
        'llama.embedding_length': { uint32: 8 },
        'llama.feed_forward_length': { uint32: 8 },
        'llama.attention.head_count': { uint32: 1 },
        'llama.attention.layer_norm_rms_epsilon': { float32: 1e-5 },
        'tokenizer.ggml.model': { text: 'llama' },
        'tokenizer.ggml.tokens': { texts: pieces },
        'tokenizer.ggml.scores': { floats: pieces.map(() => 0) },
      },
      [weight('token_embd.weight')],
    );
  return {
    'a wrong beginning': named(patched(0, 0x46464952n, 4), 'first four bytes are not “GGUF”'),
    'an unknown version': named(patched(4, 9n, 4), 'GGUF version 9', 'model/unsupported'),
    '2^60 tensors': named(patched(8, 2n ** 60n, 8), 'number of tensors is 1152921504606846976'),
    '2^60 values': named(patched(16, 2n ** 60n, 8), 'number of metadata values is 1152921504606846976'),
    'a text past the file': named(patched(find('general.architecture') + 20 + 4, 9_000_000n, 8), 'but the file ends after'),
    'lists in lists': named(nested, 'nests lists more than 4 deep'),
    'an unknown tensor type': named(patched(tensor + 45, 77n, 4), 'ggml type 77', 'model/unsupported'),
    'an offset out of line': named(() => writeGguf({}, [weight('w', 16)]), 'no multiple of 32'),
    'tensors that overlap': named(() => writeGguf({}, [weight('v'), weight('w')]), 'overlaps the one before it'),
    'an offset past the end': named(() => writeGguf({}, [weight('w', 2 ** 40)]), 'but the file has'),
    'an alignment of 0': named(() => writeGguf({ 'general.alignment': { uint32: 0 } }), 'alignment is 0'),
    'dimensions that overflow': named(() => writeGguf({}, [{ ...weight('w'), shape: [2 ** 32, 2 ** 32] }]), 'too large to count'),
    'a dimension of 2^60': named(patched(tensor + 29, 2n ** 60n, 8), 'is 1152921504606846976'),
    'a tensor twice': named(() => writeGguf({}, [weight('w'), weight('w', 32)]), 'names the tensor “w” twice'),
    'a value twice': named(() => { const file = writeGguf({ ab: { flag: true }, ac: { flag: true } }); file[file.lastIndexOf(0x63)] = 0x62; return file; }, 'metadata name “ab” twice'),
    'pieces that take for ever to join': named(scored, 'its tokens are longer than any model’s'),
  }; // prettier-ignore
}

/** The files of an adapter, read from its zip, with something changed, as a zip. */
export function adapterZip(
  zip: Bytes,
  change: { config?: (text: string) => string; tensors?: (all: Map<string, FloatTensor>) => void; log?: (text: string) => string; files?: (files: Map<string, Bytes>) => void },
): Bytes {
  const files = readZip(zip);
  const rewrite = (name: string, edit: (text: string) => string) =>
    files.set(name, new TextEncoder().encode(edit(new TextDecoder().decode(files.get(name)))));
  if (change.config) rewrite('adapter_config.json', change.config);
  if (change.log) rewrite('training_log.json', change.log);
  if (change.tensors) {
    const { tensors } = readSafetensors(files.get('adapter_model.safetensors') ?? new Uint8Array());
    change.tensors(tensors);
    files.set('adapter_model.safetensors', writeSafetensors(tensors));
  }
  change.files?.(files);
  return writeZip(files);
} // prettier-ignore
