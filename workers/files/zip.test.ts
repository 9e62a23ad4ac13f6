import { zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { crc32 } from './crc32';
import { readZip, writeZip, writeZipBlob } from './zip';

const text = (content: string) => new TextEncoder().encode(content);
const sample = () => writeZip(new Map([['a.txt', text('first')], ['folder/b.bin', new Uint8Array(300)]])); // prettier-ignore

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TuneletError && error.code === 'adapter/bad-archive') return error.message;
    throw error;
  }
  return 'accepted';
}

/** Offset of the central directory's entry `index` in a zip without comment. */
function directoryEntry(zip: Uint8Array, index: number): number {
  const view = new DataView(zip.buffer);
  let at = view.getUint32(zip.length - 6, true);
  for (let i = 0; i < index; i++) at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  return at;
}

test('files read as streams make the same archive, in pieces', async () => {
  const large = Uint8Array.from({ length: 20_000_000 }, (_, index) => (index * 7919) >> 3);
  const files = [
    { name: 'config.json', blob: new Blob([text('{}')]) },
    { name: 'model.safetensors', blob: new Blob([large]) },
    { name: 'empty.txt', blob: new Blob([]) },
  ];
  const zip = await writeZipBlob(files);
  expect(zip.type).toBe('application/zip');
  const read = readZip(new Uint8Array(await zip.arrayBuffer()));
  expect([...read.keys()]).toEqual(files.map(({ name }) => name));
  expect(Buffer.compare(read.get('model.safetensors')!, large)).toBe(0);
  expect([read.get('config.json')?.length, read.get('empty.txt')?.length]).toEqual([2, 0]);
});

test('the checksum is that of the standard check value', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
});

test('what was written is read, and the same files give the same archive', () => {
  const files = readZip(sample());
  expect([...files.keys()]).toEqual(['a.txt', 'folder/b.bin']);
  expect(new TextDecoder().decode(files.get('a.txt'))).toBe('first');
  expect(sample()).toEqual(sample());
});

test('a deflated archive with folders and macOS resources gives its files', () => {
  const zip = zipSync({
    adapter: { 'x.json': text('{"a":1}'.repeat(50)) },
    '__MACOSX/._x.json': text('?'),
    'empty/': new Uint8Array(),
  });
  const files = readZip(zip);
  expect([...files.keys()]).toEqual(['adapter/x.json']);
  expect(files.get('adapter/x.json')!.length).toBe(350);
});

describe('each fault is named', () => {
  test('no zip, cut off, empty', () => {
    expect(messageOf(() => readZip(text('hello')))).toContain('no zip directory');
    expect(messageOf(() => readZip(sample().slice(0, -10)))).toContain('no zip directory');
    expect(messageOf(() => readZip(new Uint8Array()))).toContain('no zip directory');
  });

  test.each(['../evil', '/etc/passwd', 'a/../../b', 'C:\\x', 'a\\b', 'nul\0'])('the path %j', (name) => {
    expect(messageOf(() => readZip(writeZip(new Map([[name, text('x')]]))))).toContain('leads out of the folder');
  });

  test('too many files, too many bytes, a bomb', () => {
    const limits = { entries: 1, totalBytes: 1 << 30, ratio: 200 };
    expect(messageOf(() => readZip(sample(), 'x.zip', limits))).toContain(
      'x.zip cannot be unpacked: it holds 2 files; at most 1',
    );
    expect(messageOf(() => readZip(sample(), 'x.zip', { ...limits, entries: 9, totalBytes: 304 }))).toContain(
      'more than 304 bytes',
    );
    expect(messageOf(() => readZip(zipSync({ zeros: new Uint8Array(3e6) })))).toMatch(/would grow from \d+ to 3000000 bytes/);
  });

  test('a claimed size that is too small or too large, a wrong byte', () => {
    for (const claimed of [100, 10_000]) {
      const zip = zipSync({ x: text('some words '.repeat(400)) });
      new DataView(zip.buffer).setUint32(directoryEntry(zip, 0) + 24, claimed, true);
      expect(messageOf(() => readZip(zip))).toContain('“x” is damaged');
    }
    const zip = sample();
    zip[zip.indexOf(text('first')[0]!, 35)]!++;
    expect(messageOf(() => readZip(zip))).toContain('“a.txt” is damaged: its checksum differs');
  });

  test('overlapping entries, encryption, unknown method, repeated name', () => {
    const overlap = sample();
    new DataView(overlap.buffer).setUint32(directoryEntry(overlap, 1) + 42, 0, true);
    expect(messageOf(() => readZip(overlap))).toContain('shares bytes');
    const encrypted = sample();
    encrypted[directoryEntry(encrypted, 0) + 8]! |= 1;
    expect(messageOf(() => readZip(encrypted))).toContain('“a.txt” is encrypted');
    const method = sample();
    method[directoryEntry(method, 0) + 10] = 14;
    expect(messageOf(() => readZip(method))).toContain('method 14');
    const repeated = writeZip(new Map([['a', text('1')], ['b', text('2')]])); // prettier-ignore
    repeated[directoryEntry(repeated, 1) + 46] = 'a'.charCodeAt(0);
    expect(messageOf(() => readZip(repeated))).toContain('holds “a” twice');
  });
});

test('no corruption does anything but throw a TuneletError or give the same files', () => {
  const sound = zipSync({ 'a.txt': text('first words '.repeat(30)), 'b.bin': [new Uint8Array(64), { level: 0 }] });
  const names = ['a.txt', 'b.bin'];
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const zip = sound.slice();
        for (const { at, byte } of changes) zip[at] = byte;
        messageOf(() => {
          for (const file of readZip(zip).values()) expect(file.length).toBeLessThan(1e6);
        });
      },
    ),
    { numRuns: 2000, seed: 5 },
  );
  expect([...readZip(sound).keys()]).toEqual(names);
});
