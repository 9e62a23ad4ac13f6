import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { windowNote } from './window';

const config: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/reference/mistral-tiny-lm/config.json', import.meta.url), 'utf8'),
);
const noteOf = (architecture: 'gpt2' | 'llama' | 'mistral', changes: Record<string, unknown>) =>
  windowNote({ base: { architecture }, files: { config: { ...config, model_type: architecture, ...changes } } });

it('a window that is shorter than the model’s positions is told with its length', () => {
  const positions = { max_position_embeddings: 32_768 };
  expect(noteOf('mistral', { ...positions, sliding_window: 4096 })).toContain('looks at the last 4,096 tokens; llama.cpp');
  expect(noteOf('mistral', { ...positions, sliding_window: null })).toBeNull();
  expect(noteOf('mistral', { ...positions, sliding_window: 32_768 })).toBeNull();
  expect(noteOf('llama', { ...positions, sliding_window: 4096 })).toBeNull();
  expect(noteOf('gpt2', {})).toBeNull();
});
