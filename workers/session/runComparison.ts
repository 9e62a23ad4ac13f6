import type { ComparedFigure, ComparedTexts, Disagreement, KeptRun, RunComparison } from '../api/runs';
import { mcnemar, pairedDifferences, scoresOfRows, type PairedModel } from '../evaluation/comparePaired';
import { crossEntropies, predictedClasses } from '../evaluation/metrics';
import type { KeptTexts, RunDetails } from '../runs/details';
import { curvesOf } from './runCourse';

/** A kept run read for comparing. */
export interface ReadRun {
  run: KeptRun;
  details: RunDetails;
}

export interface ComparedRuns {
  comparison: RunComparison;
  /** Texts to which the tuned models give different classes, in A's order. */
  disagreements: Disagreement[];
}

/** Two kept runs beside each other. By likelihood: free answers may be to some texts only. */
export function compareRuns(a: ReadRun, b: ReadRun): ComparedRuns {
  const curves = { a: curvesOf(a.run, a.details), b: curvesOf(b.run, b.details) };
  const pair = a.details.judged && b.details.judged && pairTexts(a.details, b.details);
  if (!pair) return { comparison: { curves, figures: textFigures(a.run, b.run), texts: null }, disagreements: [] };
  const { texts, disagreements } = countTexts(pair);
  return { comparison: { curves, figures: classFigures(a, b, pair, texts), texts }, disagreements };
}

/** Rows of both runs with the same text and the same class, which stands by its name. */
interface TextPair {
  a: RunDetails & { judged: KeptTexts };
  b: RunDetails & { judged: KeptTexts };
  /** `(common texts)`, rows of A and of B. */
  rowsA: Int32Array;
  rowsB: Int32Array;
  /** Names of A's classes, then those of B that A has not. */
  names: string[];
  /** From B's classes to `names`; the one past the last stays past the last. */
  fromB: Int32Array;
  /** Both know the same classes. */
  areSameClasses: boolean;
}

function pairTexts(a: RunDetails, b: RunDetails): TextPair | null {
  if (!hasTexts(a) || !hasTexts(b)) return null;
  const waiting = new Map<string, number[]>();
  const key = ({ judged, labels }: TextPair['b'], row: number): string => `${labels[judged.labels[row]!]}\0${judged.texts[row]}`;
  for (let row = b.judged.texts.length - 1; row >= 0; row -= 1) {
    const rows = waiting.get(key(b, row));
    if (rows) rows.push(row);
    else waiting.set(key(b, row), [row]);
  }
  const rowsA: number[] = [];
  const rowsB: number[] = [];
  for (let row = 0; row < a.judged.texts.length; row += 1) {
    const other = waiting.get(key(a, row))?.pop();
    if (other === undefined) continue;
    rowsA.push(row);
    rowsB.push(other);
  }
  const names = [...new Set([...a.labels, ...b.labels])];
  const place = new Map(names.map((name, index) => [name, index]));
  return {
    a,
    b,
    rowsA: Int32Array.from(rowsA),
    rowsB: Int32Array.from(rowsB),
    names,
    fromB: Int32Array.from(b.labels, (name) => place.get(name)!),
    areSameClasses: names.length === a.labels.length && names.length === b.labels.length,
  };
}

function hasTexts(details: RunDetails): details is TextPair['a'] {
  return details.judged !== null;
}

/** Classes in `names` that both tuned models give each common text. */
function predictionsOf({ a, b, rowsA, rowsB, fromB }: TextPair): { labels: Int32Array; ofA: Int32Array; ofB: Int32Array } {
  const [allA, allB] = [predictedClasses(a.judged.tuned, a.labels.length), predictedClasses(b.judged.tuned, b.labels.length)];
  return {
    labels: rowsA.map((row) => a.judged.labels[row]!),
    ofA: rowsA.map((row) => allA[row]!),
    ofB: rowsB.map((row) => fromB[allB[row]!]!),
  };
}

function countTexts(pair: TextPair): { texts: ComparedTexts; disagreements: Disagreement[] } {
  const { labels, ofA, ofB } = predictionsOf(pair);
  const { a, b, rowsA, names } = pair;
  const counts = { bothRight: 0, onlyA: 0, onlyB: 0, neither: 0 };
  const disagreements: Disagreement[] = [];
  labels.forEach((label, at) => {
    const [isA, isB] = [ofA[at] === label, ofB[at] === label];
    counts[isA ? (isB ? 'bothRight' : 'onlyA') : isB ? 'onlyB' : 'neither'] += 1;
    if (ofA[at] === ofB[at]) return;
    const named = (index: number | undefined): string => names[index ?? 0] ?? '';
    disagreements.push({ text: a.judged.texts[rowsA[at]!]!, label: named(label), a: named(ofA[at]), b: named(ofB[at]) });
  });
  const texts = {
    common: labels.length,
    ofA: a.judged.texts.length,
    ofB: b.judged.texts.length,
    ...counts,
    pValue: mcnemar(counts.onlyA, counts.onlyB),
    disagreements: disagreements.length,
  };
  return { texts, disagreements };
}

/** Intervals only where both were judged on the same texts: otherwise the two figures say something of the texts, too. */
function classFigures(a: ReadRun, b: ReadRun, pair: TextPair, { common, ofA, ofB }: ComparedTexts): ComparedFigure[] {
  const own = (details: TextPair['a']) => {
    const rows = Int32Array.from(details.judged.texts, (_, row) => row);
    return scoresOfRows(details.judged.labels, details.labels.length, modelOf(details, rows, null), rows);
  };
  const [figuresA, figuresB] = [own(pair.a), own(pair.b)];
  const isSame = common === ofA && common === ofB && pair.areSameClasses;
  const differences = isSame
    ? pairedDifferences(
        {
          labels: pair.rowsA.map((row) => pair.a.judged.labels[row]!),
          classes: pair.names.length,
          a: modelOf(pair.a, pair.rowsA, null),
          b: modelOf(pair.b, pair.rowsB, pair.fromB),
        },
        a.run.settings.seed,
      )
    : null;
  return (['accuracy', 'macroF1', 'loss'] as const).map((name) => ({
    name,
    a: figuresA[name],
    b: figuresB[name],
    difference: figuresA[name] - figuresB[name],
    interval: differences?.[name].interval ?? null,
  }));
}

function modelOf({ judged, labels }: TextPair['a'], rows: Int32Array, place: Int32Array | null): PairedModel {
  const all = predictedClasses(judged.tuned, labels.length);
  const losses = crossEntropies(judged.labels, judged.tuned, labels.length);
  return {
    predictions: rows.map((row) => (place ? place[all[row]!]! : all[row]!)),
    losses: Float64Array.from(rows, (row) => losses[row]!),
  };
}

function textFigures(a: KeptRun, b: KeptRun): ComparedFigure[] {
  const [ofA, ofB] = [a.figures, b.figures];
  if (ofA.kind !== 'text' || ofB.kind !== 'text') return [];
  return (['perplexity', 'loss'] as const).map((name) => ({
    name,
    a: ofA.tuned[name],
    b: ofB.tuned[name],
    difference: ofA.tuned[name] - ofB.tuned[name],
    interval: null,
  }));
}
