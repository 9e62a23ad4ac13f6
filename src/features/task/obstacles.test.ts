import { expect, it } from 'vitest';
import { obstacles } from './obstacles';

const labelled = { labels: [{ name: 'a', count: 3 }], columns: ['text', 'label'] };

it('says what a task needs', () => {
  expect(obstacles('head', { canWrite: false }, labelled)).toBeNull();
  expect(obstacles('prompt', { canWrite: false }, labelled)).toContain('a model that writes');
  expect(obstacles('text', { canWrite: true }, { labels: [], columns: ['text'] })).toBeNull();
  expect(obstacles('head', null, { labels: [], columns: ['text'] })).toContain('texts alone');
  expect(obstacles('prompt', null, { labels: [], columns: ['text', 'mood'] })).toContain('Name their column');
  expect(obstacles('prompt', null, null)).toBeNull();
});
