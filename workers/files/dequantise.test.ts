import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readableTensorTypes } from '../api/tensorTypes';
import { dequantiserOf, readGgmlTypes } from './dequantise';
import { ggmlTypes } from './ggmlTypes';
import { readSafetensors } from './safetensorsData';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../testing/fixtures/reference/quant/${name}`, import.meta.url)));
const { tensors } = readSafetensors(fixture('quant.safetensors'));
const { raw }: { raw: Record<string, { ggml_type: number; block_size: number; type_size: number }> } = JSON.parse(
  new TextDecoder().decode(fixture('quant.json')),
);

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('dequantised blocks equal ggml’s floats bit for bit', () => {
  test.each(Object.entries(raw))('%s', (name, { ggml_type: number, block_size: blockNumbers, type_size: blockBytes }) => {
    expect(ggmlTypes.get(number)).toEqual({ name, blockNumbers, blockBytes });
    const expected = tensors.get(`dequantised.${name}`)!.values;
    const values = new Float32Array(expected.length);
    dequantiserOf(name)!(fixture(`${name}.bin`), values);
    expect([...bitsOf(values)]).toEqual([...bitsOf(expected)]);
  });

  test('every type with a fixture, and float32, is read; others are not', () => {
    expect([...readGgmlTypes].sort()).toEqual([...Object.keys(raw), 'F32'].sort());
    expect([...readableTensorTypes].sort()).toEqual([...readGgmlTypes].sort());
    expect(dequantiserOf('IQ4_NL')).toBeNull();
    expect(dequantiserOf('toString')).toBeNull();
  });

  test('floats that do not begin at a multiple of their size', () => {
    const bytes = new Uint8Array(9);
    new DataView(bytes.buffer).setFloat32(1, -1.5, true);
    const values = new Float32Array(1);
    dequantiserOf('F32')!(bytes.subarray(1, 5), values);
    expect(values[0]).toBe(-1.5);
  });
});
