import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { maximumHeaderBytes, parseSafetensorsHeader } from './safetensors';
import { readSafetensors, writeSafetensors } from './safetensorsData';

const fixture = (path: string) => new Uint8Array(readFileSync(new URL(`../testing/fixtures/reference/${path}`, import.meta.url)));

/** A file with this header text and so many bytes of data. */
function fileWith(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const parse = (file: Uint8Array) => parseSafetensorsHeader(file, file.length);
const floats = (shape: number[], data_offsets: number[], dtype = 'F32') => ({ dtype, shape, data_offsets });

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TuneletError && error.code === 'model/bad-safetensors') return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a sound file', () => {
  test.each([
    'gpt2-tiny-cls/adapter',
    'gpt2-tiny-cls-all/adapter',
    'gpt2-tiny-cls/final_adapter',
    'gpt2-tiny-cls-all/final_adapter',
  ])('%s written again is the same file, byte for byte', (folder) => {
    const bytes = fixture(`${folder}/adapter_model.safetensors`);
    const { header, tensors } = readSafetensors(bytes);
    expect(header.metadata.get('format')).toBe('pt');
    expect(Buffer.compare(writeSafetensors(tensors), bytes)).toBe(0);
  });

  test('float16 and bfloat16 become the float32 they stand for; ignored types pass the header', () => {
    const file = fileWith(
      { mask: floats([1, 2], [0, 2], 'BOOL'), half: floats([2], [2, 6], 'F16'), brain: floats([1, 1], [6, 8], 'BF16') },
      8,
    );
    file.set([0x00, 0x3c, 0x00, 0xc0, 0x40, 0x40], file.length - 6);
    expect(parse(file).tensors.map((tensor) => tensor.name)).toEqual(['mask', 'half', 'brain']);
    expect(() => readSafetensors(file)).toThrow('Tensor “mask” holds BOOL numbers');
    const floatsOnly = fileWith({ half: floats([2], [0, 4], 'F16'), brain: floats([1, 1], [4, 6], 'BF16') }, 6);
    floatsOnly.set([0x00, 0x3c, 0x00, 0xc0, 0x40, 0x40], floatsOnly.length - 6);
    const { tensors } = readSafetensors(floatsOnly);
    expect([...tensors.get('half')!.values]).toEqual([1, -2]);
    expect([...tensors.get('brain')!.values]).toEqual([3]);
  });

  test('scalars, empty tensors and an empty list are fine', () => {
    expect(parse(fileWith({}, 0)).tensors).toEqual([]);
    const header = parse(fileWith({ scalar: floats([], [0, 4]), none: floats([0, 5], [4, 4]) }, 4));
    expect(header.byName.get('none')!.byteLength).toBe(0);
    expect(header.fileSizeBytes).toBe(header.dataOffset + 4);
  });

  test('without a known file size the header alone is judged', () => {
    const file = fileWith({ a: floats([2], [0, 8]) }, 8);
    expect(parseSafetensorsHeader(file.subarray(0, file.length - 8), null).fileSizeBytes).toBe(file.length);
  });
});

describe('each fault is named', () => {
  const cases: [string, Uint8Array, string][] = [
    ['too short', new Uint8Array(5), 'it has 5 bytes'],
    ['header past the end', fileWith('{}', 0).with(0, 99), 'its header claims 99 bytes, but the file ends after 10'],
    ['header past the cap', fileWith('{}', 0).with(4, 1), `its header claims 4294967298 bytes; at most ${maximumHeaderBytes}`],
    ['not UTF-8', fileWith('{"a"}', 0).with(9, 255), 'not UTF-8'],
    ['not JSON', fileWith('{"a"}', 0), 'not JSON'],
    ['not an object', fileWith('[]', 0), 'not a JSON object'],
    ['deep', fileWith('['.repeat(100000), 0), 'nested deeper'],
    ['repeated key', fileWith('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":1}', 4), 'names “a” twice'],
    ['metadata that is no text', fileWith({ __metadata__: { n: 3 } }, 0), '__metadata__ holds “n”'],
    ['unknown type', fileWith({ a: floats([], [0, 4], 'F8') }, 4), 'tensor “a” has the type "F8"'],
    ['inherited type', fileWith({ a: floats([], [0, 4], 'toString') }, 4), 'tensor “a” has the type "toString"'],
    ['negative shape', fileWith({ a: floats([-1], [0, 4]) }, 4), 'tensor “a” has the shape [-1]'],
    ['fraction', fileWith({ a: floats([0.5], [0, 2]) }, 2), 'tensor “a” has the shape [0.5]'],
    ['too large to count', fileWith({ a: floats([2 ** 40, 2 ** 40, 0], [0, 0]) }, 0), 'too large to count'],
    ['size', fileWith({ a: floats([3], [0, 8]) }, 8), 'tensor “a” has 8 bytes; its shape [3] in F32 needs 12'],
    ['backwards', fileWith({ a: floats([1], [8, 4]) }, 8), 'begins at 8 and ends before it'],
    ['three offsets', fileWith({ a: floats([1], [0, 4, 4]) }, 4), 'not two whole numbers'],
    ['overlap', fileWith({ a: floats([2], [0, 8]), b: floats([1], [4, 8]) }, 8), 'tensor “b” begins at byte'],
    ['same place twice', fileWith({ a: floats([1], [0, 4]), b: floats([1], [0, 4]) }, 4), 'overlaps'],
    ['hole', fileWith({ a: floats([1], [4, 8]) }, 8), 'leaves a hole'],
    ['rest', fileWith({ a: floats([1], [0, 4]) }, 5), 'its tensors end at byte'],
    ['cut off', fileWith({ a: floats([2], [0, 8]) }, 7), 'its tensors end at byte'],
  ];
  test.each(cases)('%s', (_, file, message) => {
    expect(messageOf(() => parse(file))).toContain(message);
  });
});

test('no corruption of a real file does anything but throw a TuneletError or give a consistent header', () => {
  const sound = fixture('gpt2-tiny-cls/adapter/adapter_model.safetensors');
  const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) });
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(change, fc.record({ at: fc.nat(900), byte: fc.nat(255) })), { maxLength: 6 }),
      fc.nat(),
      (changes, cut) => {
        const file = cut % 4 === 0 ? sound.slice(0, cut % sound.length) : sound.slice();
        for (const { at, byte } of changes) if (at < file.length) file[at] = byte;
        if (messageOf(() => expectConsistent(file)) !== 'accepted') refused++;
      },
    ),
    { numRuns: 1500, seed: 7 },
  );
  expect(refused).toBeGreaterThan(500);
});

test('random bytes behind a sound length field do no more harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(40), (body, dataBytes) => {
      const file = new Uint8Array(8 + body.length + dataBytes);
      new DataView(file.buffer).setUint32(0, body.length, true);
      file.set(body, 8);
      expect(messageOf(() => expectConsistent(file))).toMatch(/safetensors|accepted/);
    }),
    { numRuns: 500, seed: 8 },
  );
});

function expectConsistent(file: Uint8Array): void {
  const header = parse(file);
  let end = header.dataOffset;
  for (const tensor of header.tensors) {
    expect(tensor.byteOffset).toBe(end);
    end += tensor.byteLength;
  }
  expect(end).toBe(file.length);
}
