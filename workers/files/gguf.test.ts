import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { errorOf } from '../testing/errorOf';
import { writeGguf } from '../testing/writeGguf';
import { parseGgufHeader, type GgufHeader } from './gguf';
import { ggufLimits } from './ggufValues';

const fixture = (kind: string) =>
  new Uint8Array(readFileSync(new URL(`../testing/fixtures/reference/quant/llama-tiny-lm.${kind}.gguf`, import.meta.url)));
const tiny = fixture('Q4_0');
const headerBytes = 6666;

const parse = (file: Uint8Array) => parseGgufHeader(file, file.length);

/** The tiny file's header with a number written over it. */
function changed(at: number, value: bigint, size: 4 | 8 = 8): Uint8Array {
  const file = tiny.slice();
  const view = new DataView(file.buffer);
  if (size === 8) view.setBigUint64(at, value, true);
  else view.setUint32(at, Number(value), true);
  return file;
}

describe('a sound file', () => {
  test.each(['F32', 'F16', 'Q8_0', 'Q4_0'])('%s: metadata, tensors and their places', (kind) => {
    const file = fixture(kind);
    const header = parse(file)!;
    expect(header.version).toBe(3);
    expect(header.metadata.get('general.architecture')).toBe('llama');
    expect(header.metadata.get('llama.rope.freq_base')).toBe(10000);
    expect(header.metadata.get('tokenizer.ggml.tokens')).toHaveLength(259);
    expect(header.metadata.get('tokenizer.ggml.token_type')).toBeInstanceOf(Int32Array);
    expect(header.tensors).toHaveLength(20);
    expect(header.tensors[0]).toMatchObject({ name: 'token_embd.weight', shape: [259, 64], type: { name: kind } });
    expect(header.tensors.find(({ name }) => name === 'blk.1.attn_norm.weight')).toMatchObject({ shape: [64], byteLength: 256 });
    expect(file.length - header.endOfTensors).toBeLessThan(32);
  });

  test('a header that goes on asks for more, whatever the cut', () => {
    for (let length = 0; length < headerBytes; length += 13) {
      expect(parseGgufHeader(tiny.subarray(0, length), tiny.length)).toBeNull();
      expect(parseGgufHeader(tiny.subarray(0, length), null)).toBeNull();
      expect(errorOf(() => parse(tiny.subarray(0, length))).code).toBe('model/bad-gguf');
    }
    expect(parseGgufHeader(tiny.subarray(0, headerBytes), tiny.length)?.tensors).toHaveLength(20);
  });

  test('alignment, flags, lists and version 2', () => {
    const tensors = [
      { name: 'a', shape: [1, 3], type: 0, bytes: new Uint8Array(12) },
      { name: 'b', shape: [2], type: 1, bytes: new Uint8Array(4) },
    ];
    const metadata = {
      'general.alignment': { uint32: 8 },
      flag: { flag: true },
      scores: { floats: [1, -0.5] },
      names: { texts: ['é', ''] },
    };
    const file = writeGguf(metadata, tensors, 8);
    file[4] = 2;
    const header = parse(file)!;
    expect(header.version).toBe(2);
    expect([header.metadata.get('flag'), header.metadata.get('names')]).toEqual([true, ['é', '']]);
    expect(header.metadata.get('scores')).toEqual(Float32Array.of(1, -0.5));
    expect(header.tensors.map(({ byteOffset }) => byteOffset - header.tensors[0]!.byteOffset)).toEqual([0, 16]);
    expect(header.tensors[0]!.byteOffset % 8).toBe(0);
  });
});

describe('what is refused, by name', () => {
  const weight = (name: string, offset: number) => ({ name, shape: [8], type: 0, bytes: new Uint8Array(32), offset });
  const file = (...tensors: ReturnType<typeof weight>[]) => writeGguf({}, tensors);
  // The tiny file's first tensor is described by: length of its name, 17 bytes of name, dimensions, sizes, type, offset.
  const tensorAt = Buffer.from(tiny).indexOf('token_embd.weight') - 8;

  test.each<[string, () => Uint8Array, string]>([
    ['another format', () => changed(0, 0x46464952n, 4), 'first four bytes are not “GGUF”'],
    ['too many tensors', () => changed(8, 2n ** 40n), `at most ${ggufLimits.tensors} is read`],
    ['too many values', () => changed(16, 2n ** 63n), `at most ${ggufLimits.metadataEntries} is read`],
    ['a long key', () => changed(24, 2n ** 33n), 'length of a key is 8589934592'],
    ['a long name', () => changed(tensorAt, 2n ** 31n), 'length of a tensor’s name'],
    ['five dimensions', () => changed(tensorAt + 25, 5n, 4), 'has 5 dimensions'],
    ['a wide dimension', () => changed(tensorAt + 29, 2n ** 33n), 'at most 4294967296 is read'],
    ['rows that blocks do not divide', () => changed(tensorAt + 29, 65n), 'rows of 65 numbers, which blocks of 32 (Q4_0) do not'],
    ['a shape too large to count', () => writeGguf({}, [{ ...weight('w', 0), shape: [2 ** 32, 2 ** 32] }]), 'too large to count'],
    [
      'an offset beyond counting',
      () => changed(tensorAt + 49, 2n ** 60n),
      'offset of “token_embd.weight” is 1152921504606846976',
    ],
    ['an odd offset', () => file(weight('w', 16)), 'begins at 16, which is no multiple of 32'],
    ['an overlap', () => file(weight('v', 0), weight('w', 0)), 'overlaps the one before it'],
    ['a tensor beyond the end', () => file(weight('w', 3200)), 'but the file has'],
    ['one name twice', () => file(weight('w', 0), weight('w', 32)), 'names the tensor “w” twice'],
    ['an odd alignment', () => writeGguf({ 'general.alignment': { uint32: 48 } }), 'alignment is 48'],
    ['no alignment', () => writeGguf({ 'general.alignment': { uint32: 0 } }), 'alignment is 0'],
    ['a header cut off', () => tiny.slice(0, 3000), 'but the file ends after 3000'],
    ['data cut off', () => tiny.slice(0, 50_000), 'but the file has 50000'],
  ])('%s', (_, make, message) => {
    const error = errorOf(() => parse(make()));
    expect([error.code, error.message]).toEqual(['model/bad-gguf', expect.stringContaining(message)]);
    expect(error.remedy).toContain('Download it again');
  });

  test.each<[string, () => Uint8Array, string]>([
    ['version 1', () => changed(4, 1n, 4), 'GGUF version 1'],
    ['big-endian bytes', () => changed(4, 0x03000000n, 4), 'big-endian'],
    ['an unknown tensor type', () => changed(tensorAt + 45, 77n, 4), 'ggml type 77'],
  ])('%s', (_, make, message) => {
    const error = errorOf(() => parse(make()));
    expect([error.code, error.message]).toEqual(['model/unsupported', expect.stringContaining(message)]);
  });

  test('lists nested without end', () => {
    const nested = writeGguf({ deep: { ints: [] } });
    const start = nested.subarray(0, 24 + 8 + 4 + 4);
    const level = Uint8Array.of(9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
    const bytes = Uint8Array.from([...start, ...Array.from({ length: 5000 }, () => [...level]).flat()]);
    expect(errorOf(() => parse(bytes)).message).toContain('nests lists more than 4 deep');
  });

  test('a list longer than its file is refused before memory is set aside', () => {
    const bytes = writeGguf({ list: { ints: [1] } });
    new DataView(bytes.buffer).setBigUint64(24 + 8 + 4 + 8, 999_999n, true);
    expect(errorOf(() => parse(bytes)).message).toContain('but the file ends after');
  });
});

/** Bytes that a header keeps alive, at two a character. */
function heldBytes(header: GgufHeader): number {
  const sizeOf = (value: unknown): number => {
    if (typeof value === 'string') return 2 * value.length;
    if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
    return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + 8 + sizeOf(item), 0) : 8;
  };
  let held = 0;
  for (const [key, value] of header.metadata) held += sizeOf(key) + sizeOf(value);
  for (const tensor of header.tensors) held += sizeOf(tensor.name) + 64;
  return held;
}

describe('hostile headers (property)', () => {
  const holds = (bytes: Uint8Array, sizeBytes: number | null) => {
    try {
      const header = parseGgufHeader(bytes, sizeBytes);
      if (header === null) return;
      expect(heldBytes(header)).toBeLessThan(4 * bytes.length + 1000);
      for (const tensor of header.tensors) expect(tensor.byteOffset + tensor.byteLength).toBeLessThanOrEqual(header.endOfTensors);
      if (sizeBytes !== null) expect(header.endOfTensors).toBeLessThanOrEqual(sizeBytes);
    } catch (error) {
      if (!(error instanceof TuneletError)) throw error;
      expect(['model/bad-gguf', 'model/unsupported']).toContain(error.code);
    }
  };

  test('bytes written over a sound header end in a header or a TuneletError', () => {
    const at = fc.oneof(fc.nat(400), fc.integer({ min: tensorsBegin(), max: headerBytes }), fc.nat(headerBytes));
    const change = fc.record({ at, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.boolean(), (changes, isSizeKnown) => {
        const file = tiny.slice();
        for (const { at: begin, bytes } of changes) file.set(bytes, begin);
        holds(file, isSizeKnown ? file.length : null);
      }),
      { numRuns: 2000 },
    );
  });

  test('numbers of 64 bits at every place of the header', () => {
    const value = fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n),
    );
    fc.assert(
      fc.property(fc.nat(headerBytes - 8), value, fc.nat(headerBytes + 100), (at, number, length) => {
        holds(changed(at, number), tiny.length);
        holds(changed(at, number).subarray(0, length), null);
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes after a sound beginning', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (rest) => {
        const file = new Uint8Array(24 + rest.length);
        file.set(tiny.subarray(0, 24));
        file.set(rest, 24);
        holds(file, file.length);
        holds(file, null);
      }),
      { numRuns: 2000 },
    );
  });

  function tensorsBegin(): number {
    return Buffer.from(tiny).indexOf('token_embd.weight') - 8;
  }
});
