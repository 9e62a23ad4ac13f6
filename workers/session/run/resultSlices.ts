import type { SplitName } from '../../api/dataset';
import type { ClassifiedText } from '../../api/results';
import type { Slice, SliceChoice, SliceGroup, SliceQuery, SlicesReport } from '../../api/slices';
import { TuneletError } from '../../api/errors';
import type { Dataset } from '../../data/dataset';
import { groupByColumn, groupByLength, wordCount, type Grouping } from '../../evaluation/sliceGroups';
import { checkRuleCount, rowsOfRule, ruleWords } from '../../evaluation/sliceRules';
import { figuresOfRows, rowsByGroup, sliceOfRows, type JudgedModels } from '../../evaluation/slices';
import { bySureness, classifiedText, type JudgedTexts } from './judge';

/** More columns of a dataset are not looked at. */
const mostColumns = 24;
/** As of the result itself, so that its interval is the same. */
const resamples = 1000;
/** Groups whose figures are kept; what is asked for twice is computed once. */
const keptGroups = 64;

/** Both models' figures on parts of the texts that they were judged on. Of the dataset it keeps each row's group alone, one byte a column. */
export class ResultSlices {
  private readonly tuned: JudgedTexts;
  private readonly labels: readonly string[];
  private readonly models: JudgedModels;
  private readonly columns: ReadonlyMap<string, Grouping>;
  private readonly words: Int32Array;
  private readonly computed = new Map<string, SliceGroup>();
  private all: SlicesReport['all'] | null = null;

  constructor(
    pair: { base: JudgedTexts; tuned: JudgedTexts },
    labels: readonly string[],
    seed: number,
    columns: ReadonlyMap<string, Grouping>,
  ) {
    this.tuned = pair.tuned;
    this.labels = labels;
    this.models = { base: judgedRows(pair.base, labels.length), tuned: judgedRows(pair.tuned, labels.length), seed };
    this.columns = columns;
    this.words = Int32Array.from(pair.tuned.split.texts, wordCount);
  }

  /** Throws data/bad-slice for bands or rules that cannot be. */
  report(query: SliceQuery): SlicesReport {
    checkRuleCount(query.rules);
    const wanted = [...this.columns.keys()].filter((column) => query.columns === 'all' || query.columns.includes(column));
    const rules = query.rules.map((rule) => this.keep(JSON.stringify(rule), () => this.byRule(rule)).slices).flat();
    const groups = [this.byLength(query), ...wanted.map((column) => this.byColumn(column))];
    if (rules.length > 0) groups.push({ kind: 'rule', by: 'rule', division: null, slices: rules });
    const { split } = this.tuned.evaluation;
    return { split, rows: this.words.length, columns: [...this.columns.keys()], all: this.ofAll(), groups };
  }

  /** The slice's texts that the tuned model reads wrong, surest first. */
  wrongTexts({ query, kind, by, value }: SliceChoice): ClassifiedText[] {
    const texts = [...this.rowsOf(query, kind, by, value)]
      .filter((row) => this.tuned.predictions[row] !== this.tuned.split.labels[row])
      .map((row) => classifiedText(this.tuned, row, this.labels));
    return texts.sort(bySureness);
  }

  private rowsOf(query: SliceQuery, kind: SliceGroup['kind'], by: string, value: string): Int32Array {
    if (kind === 'rule') {
      const rule = query.rules.find((each) => ruleWords(each) === value);
      if (rule) return rowsOfRule(rule, this.tuned.split.texts);
    }
    const grouping = kind === 'length' ? groupByLength(this.words, query.bands) : this.columns.get(by);
    const index = grouping?.names.findIndex((name) => name.value === value) ?? -1;
    if (grouping && index >= 0) return rowsByGroup(grouping)[index]!;
    throw new TuneletError('data/bad-slice', `There is no slice “${value}” by ${by}.`, 'Choose one that the table shows.', {
      by,
      value,
    });
  }

  private ofAll(): SlicesReport['all'] {
    const rows = Int32Array.from(this.words, (_, row) => row);
    const { base, tuned, seed } = this.models;
    this.all ??= { base: figuresOfRows(base, rows, seed, resamples), tuned: figuresOfRows(tuned, rows, seed, resamples) };
    return this.all;
  }

  private byLength({ bands }: SliceQuery): SliceGroup {
    const grouping = groupByLength(this.words, bands);
    return this.keep(`length ${JSON.stringify(bands)}`, () => this.group('length', 'length', grouping));
  }

  private byColumn(column: string): SliceGroup {
    return this.keep(`column ${column}`, () => this.group('column', column, this.columns.get(column)!));
  }

  private byRule(rule: SliceQuery['rules'][number]): SliceGroup {
    const rows = rowsOfRule(rule, this.tuned.split.texts);
    const slices: Slice[] = [sliceOfRows({ value: ruleWords(rule), range: null }, rows, this.models)];
    return { kind: 'rule', by: 'rule', division: null, slices };
  }

  private group(kind: SliceGroup['kind'], by: string, grouping: Grouping): SliceGroup {
    const rows = rowsByGroup(grouping);
    const slices = grouping.names.map((name, index) => sliceOfRows(name, rows[index]!, this.models));
    return { kind, by, division: grouping.division, slices };
  }

  private keep(key: string, compute: () => SliceGroup): SliceGroup {
    const group = this.computed.get(key) ?? compute();
    if (this.computed.size >= keptGroups) this.computed.clear();
    this.computed.set(key, group);
    return group;
  }
}

function judgedRows({ split, predictions, logits }: JudgedTexts, classes: number): JudgedModels['base'] {
  return { labels: split.labels, predictions, logits, classes };
}

/** The same columns for some rows of the split. */
export function columnsOfRows(columns: ReadonlyMap<string, Grouping>, rows: readonly number[]): Map<string, Grouping> {
  const grouped = [...columns].map(([column, grouping]) => {
    const groupOf = Uint8Array.from(rows, (row) => grouping.groupOf[row] ?? 0);
    return [column, { ...grouping, groupOf }] as const;
  });
  return new Map(grouped);
}

/** The dataset's other columns by which the rows of a split can be told apart. */
export function sliceColumns(dataset: Dataset, split: SplitName): Map<string, Grouping> {
  const groupings = new Map<string, Grouping>();
  for (const column of dataset.otherColumns(split).slice(0, mostColumns)) {
    const grouping = groupByColumn(dataset.columnOf(split, column));
    if (grouping) groupings.set(column, grouping);
  }
  return groupings;
}
