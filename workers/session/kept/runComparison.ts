import type { JudgedBy } from '../../api/results';
import type { ComparedFigure, ComparedTexts, Disagreement, KeptRun, RunComparison } from '../../api/runs';
import { mcnemar, pairedDifferences, scoresOfRows, type PairedModel } from '../../evaluation/comparePaired';
import { crossEntropies, predictedClasses } from '../../evaluation/metrics';
import { classesNamed } from '../../evaluation/writtenAnswers';
import type { RunDetails } from '../../runs/details';
import { curvesOf } from '../run/runCourse';

/** A kept run read for comparing. */
export interface ReadRun {
  run: KeptRun;
  details: RunDetails;
}

export interface ComparedRuns {
  comparison: RunComparison;
  /** Texts to which the tuned models give different classes, in A's order. */
  disagreements: Record<JudgedBy, Disagreement[]>;
}

/** Two kept runs beside each other. */
export function compareRuns(a: ReadRun, b: ReadRun): ComparedRuns {
  const curves = { a: curvesOf(a.run, a.details), b: curvesOf(b.run, b.details) };
  const { seed } = a.run.settings;
  const likelihood = compareBy(byLikelihood(a.details), byLikelihood(b.details), seed);
  const writing = compareBy(byWriting(a.details), byWriting(b.details), seed);
  const judged = likelihood?.judgements ?? { figures: textFigures(a.run, b.run), texts: null };
  return {
    comparison: { curves, ...judged, written: writing?.judgements ?? null },
    disagreements: { likelihood: likelihood?.disagreements ?? [], writing: writing?.disagreements ?? [] },
  };
}

/** What one tuned model made of the texts that it was judged on. */
interface Side {
  /** Names of the classes. */
  labels: readonly string[];
  texts: readonly string[];
  /** True classes, `(texts)`. */
  truth: Int32Array;
  model: PairedModel;
  /** What it wrote, one a text; null by likelihood. */
  answers: readonly string[] | null;
}

function byLikelihood({ judged, labels }: RunDetails): Side | null {
  if (!judged) return null;
  const predictions = predictedClasses(judged.tuned, labels.length);
  const losses = crossEntropies(judged.labels, judged.tuned, labels.length);
  return { labels, texts: judged.texts, truth: judged.labels, model: { predictions, losses }, answers: null };
}

/** Free answers may be to some texts only. */
function byWriting({ judged, labels }: RunDetails): Side | null {
  if (!judged?.written) return null;
  const { rows, tuned } = judged.written;
  return {
    labels,
    texts: [...rows].map((row) => judged.texts[row]!),
    truth: rows.map((row) => judged.labels[row]!),
    model: {
      predictions: classesNamed(tuned, labels.length),
      losses: new Float64Array(rows.length),
    },
    answers: tuned.map(({ answer }) => answer),
  };
}

/** Rows of both sides with the same text and the same class, which stands by its name. */
interface TextPair {
  a: Side;
  b: Side;
  /** `(common texts)`, rows of A and of B. */
  rowsA: Int32Array;
  rowsB: Int32Array;
  /** Names of A's classes, then those of B that A has not. */
  names: string[];
  /** True classes of the common texts, in `names`. */
  truth: Int32Array;
  /** Of the common texts; predictions in `names`, or one past its last for none. */
  modelA: PairedModel;
  modelB: PairedModel;
  /** Both know the same classes. */
  areSameClasses: boolean;
}

function compareBy(a: Side | null, b: Side | null, seed: number) {
  if (!a || !b) return null;
  const pair = pairTexts(a, b);
  const { texts, disagreements } = countTexts(pair);
  return { judgements: { figures: classFigures(pair, seed), texts }, disagreements };
}

function pairTexts(a: Side, b: Side): TextPair {
  const waiting = new Map<string, number[]>();
  const key = ({ labels, truth, texts }: Side, row: number): string => `${labels[truth[row]!]}\0${texts[row]}`;
  for (let row = b.texts.length - 1; row >= 0; row -= 1) {
    const rows = waiting.get(key(b, row));
    if (rows) rows.push(row);
    else waiting.set(key(b, row), [row]);
  }
  const pairs: [number, number][] = [];
  for (let row = 0; row < a.texts.length; row += 1) {
    const other = waiting.get(key(a, row))?.pop();
    if (other !== undefined) pairs.push([row, other]);
  }
  const rowsA = Int32Array.from(pairs, ([row]) => row);
  const rowsB = Int32Array.from(pairs, ([, row]) => row);
  const names = [...new Set([...a.labels, ...b.labels])];
  return {
    a,
    b,
    rowsA,
    rowsB,
    names,
    truth: rowsA.map((row) => a.truth[row]!),
    modelA: modelOn(a, rowsA, names),
    modelB: modelOn(b, rowsB, names),
    areSameClasses: names.length === a.labels.length && names.length === b.labels.length,
  };
}

function modelOn({ labels, model }: Side, rows: Int32Array, names: readonly string[]): PairedModel {
  const place = new Map(names.map((name, index) => [name, index]));
  const inNames = Int32Array.from(labels, (name) => place.get(name)!);
  return {
    predictions: rows.map((row) => inNames[model.predictions[row]!] ?? names.length),
    losses: Float64Array.from(rows, (row) => model.losses[row]!),
  };
}

function countTexts({ a, b, rowsA, rowsB, names, truth, modelA, modelB }: TextPair): {
  texts: ComparedTexts;
  disagreements: Disagreement[];
} {
  const counts = { bothRight: 0, onlyA: 0, onlyB: 0, neither: 0 };
  const disagreements: Disagreement[] = [];
  truth.forEach((label, at) => {
    const [ofA, ofB] = [modelA.predictions[at]!, modelB.predictions[at]!];
    const [isA, isB] = [ofA === label, ofB === label];
    counts[isA ? (isB ? 'bothRight' : 'onlyA') : isB ? 'onlyB' : 'neither'] += 1;
    if (ofA === ofB) return;
    disagreements.push({
      text: a.texts[rowsA[at]!]!,
      label: names[label]!,
      a: { label: names[ofA] ?? null, answer: a.answers?.[rowsA[at]!] ?? null },
      b: { label: names[ofB] ?? null, answer: b.answers?.[rowsB[at]!] ?? null },
    });
  });
  const texts = {
    common: truth.length,
    ofA: a.texts.length,
    ofB: b.texts.length,
    ...counts,
    pValue: mcnemar(counts.onlyA, counts.onlyB),
    disagreements: disagreements.length,
  };
  return { texts, disagreements };
}

/** Intervals only where both were judged on the same texts: otherwise the two figures say something of the texts, too. */
function classFigures(pair: TextPair, seed: number): ComparedFigure[] {
  const { a, b, truth, names, modelA, modelB } = pair;
  const [ofA, ofB] = [a, b].map(({ truth: labels, labels: classes, model, texts }) =>
    scoresOfRows(
      labels,
      classes.length,
      model,
      Int32Array.from(texts, (_, row) => row),
    ),
  );
  if (!ofA || !ofB) return [];
  const isSame = truth.length === a.texts.length && truth.length === b.texts.length && pair.areSameClasses;
  const differences = isSame ? pairedDifferences({ labels: truth, classes: names.length, a: modelA, b: modelB }, seed) : null;
  const measured = a.answers ? (['accuracy', 'macroF1'] as const) : (['accuracy', 'macroF1', 'loss'] as const);
  return measured.map((name) => ({
    name,
    a: ofA[name],
    b: ofB[name],
    difference: ofA[name] - ofB[name],
    interval: differences?.[name].interval ?? null,
  }));
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
