import { describe, expect, test } from 'vitest';
import type { Slice, SliceFigures, SlicesReport } from '../../../workers/api/slices';
import { readBands } from './readBands';
import { scaleTop, sliceWords } from './sliceFigures';
import { sliceNotes } from './sliceNotes';

function figures(value: number, half: number): SliceFigures {
  const interval: [number, number] = [Math.max(0, value - half), Math.min(1, value + half)];
  return {
    loss: 2 * (1 - value),
    accuracy: value,
    macroPrecision: value,
    macroRecall: value,
    macroF1: value,
    weightedF1: value,
    calibrationError: 0.01,
    intervals: { accuracy: interval, macroF1: interval },
  };
}

function slice(value: string, rows: number, base: number, tuned: number, half = 0.05): Slice {
  return { value, range: null, rows, tooFew: rows < 20, base: figures(base, half), tuned: figures(tuned, half) };
}

function report(slices: Slice[]): SlicesReport {
  return {
    split: 'test',
    rows: 400,
    columns: ['genre'],
    all: { base: figures(0.4, 0.02), tuned: figures(0.8, 0.02) },
    groups: [{ kind: 'column', by: 'genre', division: null, slices }],
  };
}

const titles = (slices: Slice[]): string[] => sliceNotes(report(slices), 'accuracy').map(({ title }) => title);

describe('what stands out', () => {
  test('weaker and stronger slices are those whose interval does not meet the whole', () => {
    const notes = sliceNotes(
      report([slice('drama', 90, 0.4, 0.6), slice('comedy', 90, 0.4, 0.82), slice('war', 90, 0.4, 0.95)]),
      'loss',
    );
    expect(notes.map(({ title }) => title)).toEqual(['Genre drama: weaker.', 'Genre war: stronger.', 'Every slice gained.']);
    expect(notes[0]!.words).toBe('60.0 beside 80.0 on all texts; its interval ends at 65.0.');
  });

  test('what may be chance is said to be', () => {
    const [note] = sliceNotes(report([slice('drama', 90, 0.4, 0.78), slice('comedy', 90, 0.4, 0.82)]), 'macroF1');
    expect(note).toEqual({
      title: 'Genre drama looks weaker.',
      words: '78.0 beside 80.0 on all texts. Its interval reaches 83.0, so it may be chance.',
    });
  });

  test('a few texts tell nothing, however bad they look', () => {
    expect(titles([slice('drama', 19, 0.9, 0.1, 0.1), slice('comedy', 90, 0.4, 0.82)])).toEqual([
      'Every slice gained.',
      'Genre drama: too few to tell.',
    ]);
    expect(titles([slice('drama', 3, 0.9, 0.1), slice('comedy', 4, 0.4, 0.8)])).toEqual(['2 slices are too few to tell.']);
  });

  test('a slice that lost is named, and nothing is nothing', () => {
    const notes = sliceNotes(report([slice('drama', 90, 0.9, 0.82)]), 'accuracy');
    expect(notes).toEqual([{ title: 'Not every slice gained.', words: 'The base model is ahead on genre drama.' }]);
    expect(titles([slice('drama', 90, 0.81, 0.82)])).toEqual(['Nothing stands out.']);
    const empty: Slice = { value: 'x', range: null, rows: 0, tooFew: true, base: null, tuned: null };
    expect(titles([empty])).toEqual(['Nothing stands out.']);
  });
});

test('the scale of a loss ends at a round number above all', () => {
  const slices = report([slice('drama', 90, 0.1, 0.9)]);
  expect(scaleTop(slices, 'accuracy')).toBe(1);
  expect(scaleTop(slices, 'loss')).toBe(2);
  expect(scaleTop(slices, 'calibrationError')).toBeGreaterThanOrEqual(0.01);
  expect(scaleTop(slices, 'calibrationError')).toBeLessThan(0.02);
});

test('a slice is called by its range, its column or its rule', () => {
  expect(sliceWords({ kind: 'length', by: 'length' }, { value: 'short', range: 'under 50 words' })).toBe('under 50 words');
  expect(sliceWords({ kind: 'column', by: 'genre' }, { value: 'war', range: null })).toBe('genre war');
  expect(sliceWords({ kind: 'rule', by: 'rule' }, { value: 'contains “x”', range: null })).toBe('contains “x”');
});

test('bands are read, or say what is wrong', () => {
  expect(readBands({ shortBelow: '5', longAbove: ' 12 ' })).toEqual({ bands: { shortBelow: 5, longAbove: 12 } });
  expect(readBands({ shortBelow: '13', longAbove: '12' })).toEqual({
    problem: '13 is above 12: short texts must end before long ones begin.',
  });
  for (const text of ['', '0', '1.5', 'x', '-3', '100001']) {
    expect(readBands({ shortBelow: text, longAbove: '12' })).toHaveProperty('problem');
  }
});
