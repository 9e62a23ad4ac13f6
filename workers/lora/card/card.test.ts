import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evaluation } from '../../api/results';
import type { SlicesReport } from '../../api/slices';
import { adapterRecord } from '../../testing/adapterRecord';
import { frontMatter } from './frontMatter';
import { limitLines } from './limits';
import { yaml } from './markdown';
import { perClass, worstConfusions } from './measured';

const labels = ['late', 'pin', 'fee'];

function recordWith(change: Partial<Evaluation>): ReturnType<typeof adapterRecord> {
  const record = adapterRecord(labels);
  return { ...record, result: { ...record.result, tuned: { ...record.result.tuned, ...change } } };
}

test('any text is one scalar of YAML that reads as that text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(':', '#', '-', '"', "'", '\n', ' ', '{', '&', '\u0085', '\u2028', '\ud800', 'yes', '1') }),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const scalar = yaml(text);
      if (scalar.startsWith('"')) expect(JSON.parse(scalar)).toBe(text.toWellFormed());
      else expect(scalar).toBe(text);
      // What YAML takes for a break or refuses to read is escaped.
      expect(scalar).not.toMatch(/[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u);
    }),
    { numRuns: 2000 },
  );
});

test('the Hub finds licence and figures in the front matter', () => {
  const record = adapterRecord(labels);
  const lines = frontMatter(record);
  expect(lines).toContain('\nlicense: mit\n');
  expect(lines).toContain('    dataset:\n      type: "bank messages"\n      name: "bank messages"\n      split: validation\n');
  expect(lines).toContain('    - type: accuracy\n      name: Accuracy\n      value: 0.9375\n');
  expect(lines).toContain('    - type: f1\n      name: Macro-F1\n      value: 0.9375\n');
  const own = frontMatter({ ...record, base: { ...record.base, licence: 'house: rules' } });
  expect(own).toContain('\nlicense: other\nlicense_name: "house: rules"\n');
  expect(frontMatter({ ...record, base: { ...record.base, licence: null } })).not.toContain('license');
});

test('the front matter says which library a model is for', () => {
  const record = adapterRecord(labels);
  expect(frontMatter(record)).toContain('\nlibrary_name: peft\n');
  expect(frontMatter(record, 'merged')).toContain('\nbase_model_relation: finetune\nlibrary_name: transformers\n');
  const gguf = frontMatter(record, 'gguf');
  expect(gguf).toContain('\nbase_model_relation: finetune\nlibrary_name: gguf\n');
  expect(gguf).toContain('\n- llama.cpp\n');
  expect(gguf).not.toContain('- transformers');
});

test('a figure that is no number is left out of the front matter', () => {
  const lines = frontMatter(recordWith({ loss: Number.NaN }));
  expect(lines).not.toContain('NaN');
  expect(lines).not.toContain('type: loss');
});

test('the worst confusions come first, with their share of the class', () => {
  const { result } = recordWith({ confusion: [[6, 4, 0], [1, 9, 0], [0, 7, 3]] }); // prettier-ignore
  const table = worstConfusions(result) ?? '';
  expect(table.split('\n').slice(2)).toEqual([
    '| `fee` | `pin` | 7 | 0.7000 |',
    '| `late` | `pin` | 4 | 0.4000 |',
    '| `pin` | `late` | 1 | 0.1000 |',
  ]);
  const right = recordWith({ confusion: [[6, 0, 0], [0, 9, 0], [0, 0, 3]] }).result; // prettier-ignore
  expect(worstConfusions(right)).toBe(null);
});

test('of many classes the weakest are told', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({ label: `c${at}`, support: 30, precision: 1, recall: 1, f1: at / 30 }));
  const { result } = recordWith({ perClass: many.toReversed() });
  const table = perClass(result);
  expect(table).toContain('24 weakest of 30 classes');
  expect(table.indexOf('`c0`')).toBeLessThan(table.indexOf('`c1`'));
  expect(table).not.toContain('`c24`');
});

test('limits follow from the figures', () => {
  const plain = recordWith({
    split: 'test',
    calibrationError: 0.05,
    intervals: { accuracy: [0.8, 0.95], macroF1: [0.8, 0.9] },
    perClass: labels.map((label) => ({ label, support: 40, precision: 0.9, recall: 0.9, f1: 0.9 })),
  });
  const fair = limitLines(plain, null);
  expect(fair.split('\n')).toHaveLength(3);
  expect(fair).toContain('It has seen 100 texts of bank messages');
  expect(fair).toContain('cut at 64 tokens');

  const poor = recordWith({
    split: 'validation',
    calibrationError: 0.25,
    intervals: { accuracy: [0.25, 0.5], macroF1: [0.2, 0.4] },
    majority: { label: 'late', share: 0.3 },
    confusion: [[10, 24, 6], [5, 35, 0], [0, 3, 0]], // prettier-ignore
    perClass: [
      { label: 'late', support: 40, precision: 0.9, recall: 0.25, f1: 0.4 },
      { label: 'pin', support: 40, precision: 0.9, recall: 0.5, f1: 0.6 },
      { label: 'fee', support: 3, precision: 0, recall: 0, f1: 0 },
    ],
  });
  const side = (accuracy: number) => ({ ...sliceFigures, accuracy });
  const slices: SlicesReport = {
    split: 'test',
    rows: 100,
    columns: ['branch'],
    all: { base: side(0.3), tuned: side(0.6) },
    groups: [
      {
        kind: 'column',
        by: 'branch',
        division: null,
        slices: [
          { value: 'north', range: null, rows: 50, tooFew: false, base: side(0.3), tuned: side(0.4) },
          { value: 'south', range: null, rows: 50, tooFew: false, base: side(0.3), tuned: side(0.55) },
          { value: 'east', range: null, rows: 4, tooFew: true, base: side(0.3), tuned: side(0) },
        ],
      },
    ],
  };
  const limits = limitLines(poor, slices);
  for (const words of [
    'There was no test split',
    'does not lie above 0.3000, what always guessing `late` scores',
    'Too few texts to tell much about `fee` (3).',
    'misses more than half the texts of `late` (recall 0.2500).',
    'by share of the class: it reads `late` as `pin` (0.6000), `late` as `fee` (0.1500).',
    'off by 0.2500 on average',
    'lower by more than 0.1 on `branch` `north` (0.4000).',
  ]) {
    expect(limits).toContain(words);
  }
});

const sliceFigures = {
  loss: 1,
  accuracy: 0,
  macroPrecision: 0.5,
  macroRecall: 0.5,
  macroF1: 0.5,
  weightedF1: 0.5,
  calibrationError: 0.1,
  intervals: { accuracy: [0.2, 0.7] as [number, number], macroF1: [0.2, 0.7] as [number, number] },
};
