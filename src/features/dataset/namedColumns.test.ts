import { describe, expect, it } from 'vitest';
import { namedColumns } from './namedColumns';

const report = (code: 'data/no-label-column' | 'data/nul-byte', details: Record<string, string>) => ({
  code,
  message: '',
  remedy: '',
  details,
});

describe('namedColumns', () => {
  it('takes the columns and the guessed text column from the error', () => {
    const columns = JSON.stringify(['id', 'text', 'a, b']);
    expect(namedColumns(report('data/no-label-column', { columns, text: 'text' }))).toEqual({
      all: ['id', 'text', 'a, b'],
      text: 'text',
    });
    expect(namedColumns(report('data/no-label-column', { columns, text: '' }))?.text).toBe('id');
  });

  it('offers nothing where other columns would not help', () => {
    expect(namedColumns(report('data/nul-byte', { columns: '["a","b"]' }))).toBeNull();
    expect(namedColumns(report('data/no-label-column', { columns: '["a"]' }))).toBeNull();
  });
});
