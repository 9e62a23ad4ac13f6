import { expect, it } from 'vitest';
import type { ModelDownload, ModelFormat } from '../../../workers/api/trainerApi';
import { bytesOfFormat, formatWords, sharedRefusal } from './formatWords';

const report = (message: string) => ({ code: 'export/unsupported', message, remedy: 'Take another.', details: {} }) as const;
const download = (type: ModelFormat, message: string | null = null): ModelDownload => ({
  type,
  name: 'x.zip',
  lines: [],
  note: null,
  refused: message === null ? null : report(message),
});

it('a reason that holds for every GGUF is said once', () => {
  const head = [download('float16'), download('gguf-f16', 'no head'), download('gguf-adapter', 'no head')];
  expect(sharedRefusal(head)?.message).toBe('no head');
  expect(sharedRefusal([download('gguf-f16'), download('gguf-adapter', 'no DoRA')])).toBeNull();
  expect(sharedRefusal([download('gguf-f16', 'no name for its tokenizer'), download('gguf-adapter', 'no DoRA')])).toBeNull();
});

it('sizes follow from the numbers; the adapter’s is known without the base', () => {
  expect(bytesOfFormat('gguf-q8_0', 3200, 10)).toBe(3400);
  expect(bytesOfFormat('float32', 100, 10)).toBe(400);
  expect([bytesOfFormat('gguf-adapter', null, 10), bytesOfFormat('gguf-f16', null, 10)]).toEqual([10, null]);
});

it('the words name the base where it matters', () => {
  expect(formatWords('gguf-adapter', 'SmolLM2').sentence).toContain('SmolLM2');
});
