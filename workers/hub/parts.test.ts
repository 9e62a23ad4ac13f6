import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { startChecksum } from './checksum';
import { retryAfterSeconds } from './hubErrors';
import { filesOfModel, ggufFiles } from './modelFiles';
import { Pace } from './pace';
import { delayBeforeRepeat } from './retries';

const listed = (...paths: string[]) =>
  paths.map((path) => ({ path, sizeBytes: path.length, checksum: { kind: 'git' as const, digest: '0'.repeat(40) } }));
const pathsOf = (files: { path: string }[]) => files.map(({ path }) => path);

test.each([
  [['model.safetensors', 'tokenizer.json', 'config.json', 'pytorch_model.bin', 'onnx/model.safetensors'], null, ['config.json', 'tokenizer.json', 'model.safetensors']],
  [['model-00002-of-00002.safetensors', 'model-00001-of-00002.safetensors', 'model.safetensors.index.json', 'config.json'], null, ['config.json', 'model.safetensors.index.json', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']],
  [['config.json', 'tiny.safetensors', 'adapter_model.safetensors'], null, ['config.json', 'tiny.safetensors']],
  [['config.json', 'a.safetensors', 'b.safetensors'], null, ['config.json']],
  [['tiny-00001-of-00002.safetensors', 'tiny-00002-of-00002.safetensors'], null, ['tiny-00001-of-00002.safetensors', 'tiny-00002-of-00002.safetensors']],
  [['only-q4_0.gguf', 'sub/other.gguf', 'mmproj-only.gguf'], null, ['only-q4_0.gguf']],
  [['a-q4_0.gguf', 'b-q8_0.gguf', 'config.json'], null, ['config.json']],
  [['config.json', 'model.safetensors', 'sub/x-q4_0.gguf'], 'sub/x-q4_0.gguf', ['config.json', 'sub/x-q4_0.gguf']],
])('of %j with %s: %j', (paths, file, expected) => {
  expect(pathsOf(filesOfModel(listed(...paths), file))).toEqual(expected);
}); // prettier-ignore

test('GGUF files to choose from: whole ones, smallest first', () => {
  const files = listed('big-Q8_0.gguf', 'a-Q4.gguf', 'x-00001-of-00002.gguf', 'mmproj-x.gguf');
  expect(pathsOf(ggufFiles({ files }))).toEqual(['a-Q4.gguf', 'big-Q8_0.gguf']);
});

test('both checksums, in uneven pieces', async () => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_, i) => i % 253);
  for (const kind of ['sha256', 'git'] as const) {
    const checksum = await startChecksum(kind, bytes.length);
    for (let at = 0; at < bytes.length; at += 777) checksum.update(bytes.subarray(at, at + 777));
    const expected =
      kind === 'sha256' ? createHash('sha256').update(bytes) : createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes);
    expect(checksum.digest()).toBe(expected.digest('hex'));
  }
});

test('two downloads sum up at once without mixing', async () => {
  const [a, b] = await Promise.all([startChecksum('sha256', 3), startChecksum('sha256', 3)]);
  a.update(Uint8Array.of(1));
  b.update(Uint8Array.of(9));
  a.update(Uint8Array.of(2, 3));
  expect(a.digest()).toBe(
    createHash('sha256')
      .update(Uint8Array.of(1, 2, 3))
      .digest('hex'),
  );
});

test('speed over the last seconds, and what is left of the time', () => {
  const pace = new Pace();
  expect([pace.bytesPerSecond, pace.secondsLeft(10)]).toEqual([null, null]);
  for (let second = 0; second <= 20; second += 0.5) {
    // Ten times faster from the tenth second on.
    pace.add(second * 1000, second <= 10 ? second * 100 : 1000 + (second - 10) * 1000);
    if (second === 0.5) expect(pace.bytesPerSecond).toBe(null);
    if (second === 10) expect(pace.bytesPerSecond).toBeCloseTo(100, 9);
  }
  expect(pace.bytesPerSecond).toBeCloseTo(1000, 9);
  expect(pace.secondsLeft(4000)).toBeCloseTo(4, 9);
});

test('Retry-After in seconds and as a date', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  expect(['7', 'Sun, 01 Mar 2026 12:00:30 GMT', 'Sun, 01 Mar 2026 11:00:00 GMT', 'soon', null].map((header) => retryAfterSeconds(header, now))).toEqual([7, 30, 0, null, null]); // prettier-ignore
});

test('delays double, follow what the Hub asks for, and end', () => {
  const busy = (details = {}) => new TuneletError('hub/busy', 'm', 'r', details);
  expect([1, 2, 3, 4, 5].map((failures) => delayBeforeRepeat(busy(), failures, 1000))).toEqual([1000, 2000, 4000, 8000, null]);
  expect(delayBeforeRepeat(busy({ retryAfterSeconds: 3 }), 1, 1000)).toBe(3000);
  expect(delayBeforeRepeat(busy({ retryAfterSeconds: 31 }), 1, 1000)).toBe(null);
  expect(delayBeforeRepeat(new TuneletError('hub/forbidden', 'm', 'r'), 1, 1000)).toBe(null);
  expect(delayBeforeRepeat(new Error('x'), 1, 1000)).toBe(null);
});
