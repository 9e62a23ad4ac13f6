import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatParameters, plural } from './format';
import { splitMessage } from './splitMessage';

const spaced = (text: string) => text.replaceAll('\u00a0', ' ');

describe('figures in words', () => {
  it('writes sizes with the unit that keeps them short', () => {
    expect([1, 950, 84_000, 999_600, 10_780_616, 548e6, 3.42e9].map(formatBytes)).toEqual([
      '1 byte',
      '950 bytes',
      '84 KB',
      '1.0 MB',
      '11 MB',
      '548 MB',
      '3.4 GB',
    ]);
  });

  it('writes parameters as model names do', () => {
    expect([297_216, 5_386_240, 81_960_000, 124_439_808, 1.711e9].map((count) => spaced(formatParameters(count)))).toEqual([
      '297,216',
      '5.4 M',
      '82 M',
      '124 M',
      '1.71 B',
    ]);
  });

  it('carries seconds into minutes and minutes into hours', () => {
    expect([0.4, 59.6, 210, 3599.6, 4200, 7170].map(formatDuration)).toEqual([
      '0 s',
      '1 min',
      '3 min 30 s',
      '1 h',
      '1 h 10 min',
      '2 h',
    ]);
  });

  it('counts one alone', () => {
    expect([plural(1, 'class', 'classes'), plural(1204, 'row')]).toEqual(['1 class', '1,204 rows']);
  });
});

describe('splitMessage', () => {
  it('takes the first sentence for the title', () => {
    expect(splitMessage('Reading a.csv, line 3 is 1.5 MB long. The most is 1 MB.')).toEqual({
      happened: 'Reading a.csv, line 3 is 1.5 MB long',
      values: 'The most is 1 MB.',
    });
    expect(splitMessage('Something went wrong inside Tunelet: out of memory')).toEqual({
      happened: 'Something went wrong inside Tunelet: out of memory',
      values: '',
    });
    expect(splitMessage('It is over.')).toEqual({ happened: 'It is over', values: '' });
  });
});
