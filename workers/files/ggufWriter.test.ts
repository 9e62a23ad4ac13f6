import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dequantiserOf } from './dequantise';
import { encodeNumbers } from './encodeNumbers';
import { parseGgufHeader } from './gguf';
import { layOutGguf } from './ggufWriter';

const fixture = (kind: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../testing/fixtures/reference/quant/llama-tiny-lm.${kind}.gguf`, import.meta.url)));

describe('a header', () => {
  test('reads back as it was written: values of every kind, tensors of every type, each at its place', () => {
    const { header, tensors, sizeBytes } = layOutGguf(
      {
        'general.architecture': { text: 'llama' },
        'a.count': { uint32: 4_000_000_000 },
        'a.share': { float32: 1e-5 },
        'a.flag': { flag: true },
        'a.texts': { texts: ['é', '', '▁a'] },
        'a.floats': { floats: [0.5, -1] },
        'a.ints': { ints: [-1, 6] },
      },
      [
        { name: 'one', shape: [3], type: 'F32' },
        { name: 'two', shape: [3, 5], type: 'F16' },
        { name: 'three', shape: [2, 64], type: 'Q8_0' },
      ],
    );
    const read = parseGgufHeader(header, sizeBytes)!;
    expect(Object.fromEntries(read.metadata)).toEqual({
      'general.architecture': 'llama',
      'a.count': 4_000_000_000,
      'a.share': Math.fround(1e-5),
      'a.flag': true,
      'a.texts': ['é', '', '▁a'],
      'a.floats': Float32Array.of(0.5, -1),
      'a.ints': Int32Array.of(-1, 6),
    });
    expect(read.tensors.map(({ name, shape, type, byteLength }) => [name, shape, type.name, byteLength])).toEqual([
      ['one', [3], 'F32', 12],
      ['two', [3, 5], 'F16', 30],
      ['three', [2, 64], 'Q8_0', 136],
    ]);
    let at = header.length;
    tensors.forEach(({ byteLength, paddingBytes }, index) => {
      expect(read.tensors[index]?.byteOffset).toBe(at);
      at += byteLength + paddingBytes;
    });
    expect(at).toBe(sizeBytes);
  });

  test('refuses rows that blocks do not divide', () => {
    expect(() => layOutGguf({}, [{ name: 'x', shape: [2, 33], type: 'Q8_0' }])).toThrow(RangeError);
  });
});

describe('numbers', () => {
  test.each(['F16', 'Q8_0'] as const)('%s: byte for byte what gguf-py made of the same float32 file', (type) => {
    const [from, to] = [fixture('F32'), fixture(type)];
    const wanted = new Map(parseGgufHeader(to, to.length)!.tensors.map((tensor) => [tensor.name, tensor]));
    let compared = 0;
    for (const { name, byteOffset, byteLength } of parseGgufHeader(from, from.length)!.tensors) {
      const tensor = wanted.get(name)!;
      if (tensor.type.name !== type) continue;
      const values = new Float32Array(from.slice(byteOffset, byteOffset + byteLength).buffer);
      const bytes = to.subarray(tensor.byteOffset, tensor.byteOffset + tensor.byteLength);
      expect(Buffer.compare(encodeNumbers(type, name, values), bytes), name).toBe(0);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(10);
  });

  test('Q8_0 halves go away from zero, and a block of zeros stays one', () => {
    const values = new Float32Array(64);
    values.set([127, 0.5, -0.5, 1.5, -126.5]);
    const back = new Float32Array(64);
    dequantiserOf('Q8_0')!(new Uint8Array(encodeNumbers('Q8_0', 'x', values)), back);
    expect([...back.subarray(0, 6)]).toEqual([127, 1, -1, 2, -127, 0]);
    expect(back.subarray(32)).toEqual(new Float32Array(32));
  });

  test.each(['F16', 'Q8_0'] as const)('%s refuses, by name, what float16 does not hold', (type) => {
    const values = new Float32Array(32).fill(type === 'F16' ? 70_000 : 1e7);
    expect(() => encodeNumbers(type, 'blk.0.ffn_up.weight', values)).toThrow(/blk\.0\.ffn_up\.weight holds/);
    expect(() => encodeNumbers('F32', 'x', values)).not.toThrow();
  });
});
