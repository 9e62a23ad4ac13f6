import { describe, expect, it } from 'vitest';
import { defaultSlices, type SliceQuery } from '../../api/slices';
import { Dataset } from '../../data/dataset';
import { openDataset } from '../../data/openDataset';
import { judge, judgeWritten, type Judgement } from './judge';
import { columnsOfRows, ResultSlices, sliceColumns } from './resultSlices';

const genres = ['drama', 'comedy', 'horror'];
const labels = ['bad', 'good'];

/** 120 test texts: drama is read right by the tuned model, horror wrong, every second comedy. */
async function slicesOf(): Promise<{ slices: ResultSlices; written: ResultSlices; tuned: Judgement }> {
  const lines = (count: number): string[] =>
    Array.from({ length: count }, (_, row) => {
      const words = Array(row % 40 === 0 ? 250 : row % 4 === 0 ? 60 : 5)
        .fill('word')
        .join(' ');
      return `film ${row} ${words}${row % 6 === 0 ? ' refund' : ''},${labels[row % 2]},${genres[row % 3]},${row}`;
    });
  const file = (name: string, count: number) => new File([['text,label,genre,id', ...lines(count)].join('\n')], name);
  const dataset = Dataset.create(await openDataset({ train: file('train.csv', 40), test: file('test.csv', 120) }));
  const examples = dataset.examples('test');
  const truth = Int32Array.from(examples, ({ label }) => label);
  const split = { texts: examples.map(({ text }) => text), labels: truth, ids: [] };
  const isRight = (row: number): boolean => row % 3 === 0 || (row % 3 === 1 && Math.floor(row / 3) % 2 === 0);
  const tuned = Float32Array.from({ length: 240 }, (_, at) => {
    const row = at >> 1;
    const said = isRight(row) ? truth[row] : 1 - truth[row]!;
    return at % 2 === said ? 2 + row / 100 : 0;
  });
  const base = Float32Array.from({ length: 240 }, (_, at) => (at % 2 === 0 ? 1 : 0));
  const pair = { base: judge('test', split, base, labels, 3), tuned: judge('test', split, tuned, labels, 3) };
  const columns = sliceColumns(dataset, 'test');
  // Every second text is answered, by the tuned model as its likelihoods say, or of horrors not at all.
  const rows = Array.from({ length: 60 }, (_, index) => 2 * index);
  const answers = (named: (row: number) => number | null) => rows.map((row) => ({ answer: `answer ${row}`, label: named(row) }));
  const writtenPair = {
    base: judgeWritten(
      'test',
      split,
      rows,
      answers(() => null),
      labels,
      3,
    ),
    tuned: judgeWritten(
      'test',
      split,
      rows,
      answers((row) => (row % 3 === 2 ? null : (truth[row] ?? 0))),
      labels,
      3,
    ),
  };
  return {
    slices: new ResultSlices(pair, labels, 3, columns),
    written: new ResultSlices(writtenPair, labels, 3, columnsOfRows(columns, rows)),
    tuned: pair.tuned,
  };
}

describe('slices of a result', () => {
  it('go by length and by every other column that says something', async () => {
    const { slices, tuned } = await slicesOf();
    const report = slices.report(defaultSlices);
    expect(report).toMatchObject({ split: 'test', rows: 120, columns: ['genre'] });
    expect(report.groups.map(({ kind, by }) => [kind, by])).toEqual([
      ['length', 'length'],
      ['column', 'genre'],
    ]);
    expect(report.groups[0]!.slices.map(({ value, rows, tooFew }) => [value, rows, tooFew])).toEqual([
      ['short', 90, false],
      ['medium', 27, false],
      ['long', 3, true],
    ]);
    expect(
      report.groups[1]!.slices.map(({ value, rows, base, tuned }) => [value, rows, base?.accuracy, tuned?.accuracy]),
    ).toEqual([
      ['drama', 40, 0.5, 1],
      ['comedy', 40, 0.5, 0.5],
      ['horror', 40, 0.5, 0],
    ]);
    const { accuracy, macro, intervals } = tuned.evaluation;
    expect(report.all.tuned).toMatchObject({ accuracy, macroF1: macro.f1, intervals });
    expect(report.groups[1]!.slices[0]!.tuned!.intervals.accuracy[0]).toBeCloseTo(0.9124, 4);
  });

  it('follow bands, a column and rules that are asked for, and refuse what cannot be', async () => {
    const { slices } = await slicesOf();
    const query: SliceQuery = {
      judgedBy: 'likelihood',
      bands: { shortBelow: 10, longAbove: 300 },
      columns: [],
      rules: [
        { kind: 'contains', words: 'refund' },
        { kind: 'matches', pattern: 'film 1\\d ' },
        { kind: 'contains', words: 'nowhere' },
      ],
    };
    const { groups } = slices.report(query);
    expect(groups.map(({ kind }) => kind)).toEqual(['length', 'rule']);
    expect(groups[0]!.slices.map(({ rows }) => rows)).toEqual([90, 30, 0]);
    expect(groups[1]!.slices.map(({ value, rows }) => [value, rows])).toEqual([
      ['contains “refund”', 20],
      ['matches /film 1\\d /', 10],
      ['contains “nowhere”', 0],
    ]);
    expect(groups[1]!.slices[0]!.tuned!.accuracy).toBe(1);
    expect(groups[1]!.slices[2]).toMatchObject({ base: null, tuned: null, tooFew: true });
    expect(slices.report(query)).toEqual(slices.report(query));
    expect(() => slices.report({ ...query, rules: [{ kind: 'matches', pattern: '(a)\\1' }] })).toThrow('refers back');
    expect(() => slices.report({ ...query, rules: Array(9).fill(query.rules[0]) })).toThrow('9 rules');
  });

  it('of what the models write have the answered texts alone, without loss, with what was written', async () => {
    const { written } = await slicesOf();
    const query: SliceQuery = { ...defaultSlices, judgedBy: 'writing' };
    const report = written.report(query);
    expect(report.rows).toBe(60);
    expect(report.all).toMatchObject({
      base: { accuracy: 0, macroF1: 0, loss: null },
      tuned: { accuracy: 2 / 3, calibrationError: null },
    });
    expect(report.groups[1]!.slices.map(({ value, rows, tuned }) => [value, rows, tuned?.accuracy])).toEqual([
      ['drama', 20, 1],
      ['comedy', 20, 1],
      ['horror', 20, 0],
    ]);
    const wrong = written.wrongTexts({ query, kind: 'column', by: 'genre', value: 'horror' });
    expect(wrong).toHaveLength(20);
    expect(wrong[0]).toMatchObject({ predicted: null, probability: null, answer: 'answer 2' });
  });

  it('show the texts that the tuned model reads wrong, surest first', async () => {
    const { slices } = await slicesOf();
    const texts = slices.wrongTexts({ query: defaultSlices, kind: 'column', by: 'genre', value: 'horror' });
    expect(texts).toHaveLength(40);
    expect(texts[0]).toMatchObject({ label: 'good', predicted: 'bad' });
    expect(texts[0]!.text).toMatch(/^film 119 /);
    expect(slices.wrongTexts({ query: defaultSlices, kind: 'column', by: 'genre', value: 'drama' })).toEqual([]);
    const rules: SliceQuery['rules'] = [{ kind: 'contains', words: 'word' }];
    expect(
      slices.wrongTexts({ query: { ...defaultSlices, rules }, kind: 'rule', by: 'rule', value: 'contains “word”' }),
    ).toHaveLength(60);
    expect(slices.wrongTexts({ query: defaultSlices, kind: 'length', by: 'length', value: 'long' })).toHaveLength(2);
    expect(() => slices.wrongTexts({ query: defaultSlices, kind: 'column', by: 'author', value: 'x' })).toThrow('no slice');
  });
});
