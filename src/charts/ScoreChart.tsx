import { ChartFigure } from './ChartFigure';
import { LinePlot, type PlotLevel, type PlotLine } from './LinePlot';
import type { EndLabel } from './endLabels';
import type { Mark } from './PlotMarks';
import { eventsOf } from './eventLabels';
import { formatCount } from '../ui/format';
import { formatShare } from './format';
import { scoreAxis, stepTicks } from './scale';
import type { ChartTable, RunSeries, ScorePoint } from './series';
import styles from './charts.module.css';

/** Accuracy and macro-F1 at every evaluation, against the base model's. */
export function selectScores(series: RunSeries) {
  const { base, evaluations } = series;
  const all = [...(base ? [base] : []), ...evaluations];
  const axis = scoreAxis(all.flatMap((point) => [point.accuracy, point.macroF1]));
  const table: ChartTable = {
    columns: ['Step', 'Model', 'Accuracy, %', 'Macro-F1, %'],
    rows: all.map((point) => [
      formatCount(point.step),
      point === base ? 'base' : point.best ? 'tuned, best' : 'tuned',
      formatShare(point.accuracy),
      formatShare(point.macroF1),
    ]),
  };
  return { all, axis, table, sentence: scoreSentence(base, evaluations.at(-1)) };
}

function scoreSentence(base: ScorePoint | null, last: ScorePoint | undefined): string {
  if (!base) return 'Accuracy and macro-F1 over steps: nothing evaluated yet.';
  const start = `the base model has accuracy ${formatShare(base.accuracy)} and macro-F1 ${formatShare(base.macroF1)} percent`;
  if (!last) return `Accuracy and macro-F1 over steps: ${start}.`;
  return `Accuracy and macro-F1 over steps: ${start}; the tuned model has ${formatShare(last.accuracy)} and ${formatShare(last.macroF1)} at step ${last.step}.`;
}

function ScoreReading({ base, last }: { base: ScorePoint | null; last: ScorePoint | undefined }) {
  if (!base) return <>nothing evaluated yet</>;
  if (!last) {
    return (
      <>
        base: accuracy <b className="is-base">{formatShare(base.accuracy)}&nbsp;%</b>, macro-F1{' '}
        <b className="is-base">{formatShare(base.macroF1)}</b>
      </>
    );
  }
  return (
    <>
      accuracy <b className="is-base">{formatShare(base.accuracy)}</b> to{' '}
      <b className="is-tuned">{formatShare(last.accuracy)}&nbsp;%</b>, macro-F1{' '}
      <b className="is-base">{formatShare(base.macroF1)}</b> to <b className="is-tuned">{formatShare(last.macroF1)}</b>
    </>
  );
}

const macroDash = '6 4';

function levelsOf(base: ScorePoint): PlotLevel[] {
  const colour = 'var(--base-mark)';
  return [
    { key: 'base-accuracy', y: base.accuracy * 100, colour },
    { key: 'base-macro', y: base.macroF1 * 100, colour, dash: macroDash },
  ];
}

function linesOf(all: readonly ScorePoint[]): PlotLine[] {
  const colour = 'var(--tuned-mark)';
  const width = 2;
  return [
    { key: 'accuracy', points: all.map((point) => ({ x: point.step, y: point.accuracy * 100 })), colour, width },
    { key: 'macro', points: all.map((point) => ({ x: point.step, y: point.macroF1 * 100 })), colour, width, dash: macroDash },
  ];
}

function marksOf(series: RunSeries): Mark[] {
  const { base, evaluations } = series;
  const tuned = 'var(--tuned-mark)';
  const marks: Mark[] = [];
  for (const point of evaluations) {
    marks.push({ key: `f${point.step}`, x: point.step, y: point.macroF1 * 100, shape: 'hollow', colour: tuned });
    marks.push({ key: `a${point.step}`, x: point.step, y: point.accuracy * 100, shape: 'dot', colour: tuned });
    if (point.best) marks.push({ key: 'best', x: point.step, y: point.accuracy * 100, shape: 'ring', colour: 'var(--ink)' });
  }
  if (base) {
    marks.push({ key: 'base-f', x: 0, y: base.macroF1 * 100, shape: 'dot', colour: 'var(--base-mark)' });
    marks.push({ key: 'base-a', x: 0, y: base.accuracy * 100, shape: 'dot', colour: 'var(--base-mark)' });
  }
  return marks;
}

function endsOf(series: RunSeries): EndLabel[] {
  const { base, latest } = series;
  const last = series.evaluations.at(-1);
  const x = Math.max(latest?.step ?? 0, last?.step ?? 0);
  return [...(last ? tunedEnds(last, x) : []), ...(base ? baseEnds(base, x) : [])];
}

function tunedEnds({ accuracy, macroF1 }: ScorePoint, x: number): EndLabel[] {
  const shared = { x, colour: 'var(--tuned-text)' };
  return [
    { ...shared, key: 'accuracy', y: accuracy * 100, name: 'accuracy', value: formatShare(accuracy), shift: -6 },
    { ...shared, key: 'macro', y: macroF1 * 100, name: 'macro-F1', value: formatShare(macroF1), shift: 10 },
  ];
}

function baseEnds({ accuracy, macroF1 }: ScorePoint, x: number): EndLabel[] {
  const shared = { x, colour: 'var(--base-text)', runsOn: true };
  const shift = accuracy >= macroF1 ? -11 : 11;
  return [
    { ...shared, key: 'base-accuracy', y: accuracy * 100, name: 'base accuracy', value: formatShare(accuracy), shift },
    { ...shared, key: 'base-macro', y: macroF1 * 100, name: 'base macro-F1', value: formatShare(macroF1), shift: -shift },
  ];
}

export function ScoreChart({ series, compact }: { series: RunSeries; compact: boolean }) {
  const { all, axis, table, sentence } = selectScores(series);
  const { base } = series;
  const lastTick = axis.ticks.at(-1);
  return (
    <ChartFigure
      title={
        <>
          Accuracy and macro-F1
          <span className={styles.wide}> on {formatCount(series.validationCount)} validation texts</span>
        </>
      }
      sentence={sentence}
      table={table}
      reading={<ScoreReading base={base} last={series.evaluations.at(-1)} />}
    >
      <LinePlot
        height={168}
        xEnd={series.totalSteps}
        xTicks={stepTicks(series.totalSteps, series.stepsPerEpoch, compact ? 2 : 4)}
        yDomain={axis.domain}
        yTicks={axis.ticks.map((at) => ({ at, label: at === lastTick ? `${at}\u2009%` : String(at) }))}
        now={series.latest?.step ?? null}
        levels={base ? levelsOf(base) : []}
        lines={linesOf(all)}
        events={eventsOf(series.marks, false)}
        marks={marksOf(series)}
        ends={endsOf(series)}
      />
    </ChartFigure>
  );
}
