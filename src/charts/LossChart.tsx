import { ChartFigure } from './ChartFigure';
import { LinePlot, type PlotLine } from './LinePlot';
import type { EndLabel } from './endLabels';
import type { Mark } from './PlotMarks';
import { eventsOf } from './eventLabels';
import { formatCount } from '../ui/format';
import { formatFigure } from './format';
import { roundTicks, stepTicks, thinForDrawing, tickDigits } from './scale';
import type { ChartTable, RunSeries } from './series';

/** Loss of every step, smoothed, and on the validation texts. */
export function selectLoss(series: RunSeries) {
  const points = thinForDrawing(series.points, series.latest, (point) => point.loss, series.totalSteps);
  const validation = [...(series.base ? [series.base] : []), ...series.evaluations];
  const isEmpty = points.length === 0 && validation.length === 0;
  const highest = Math.max(
    0.1,
    ...points.map((point) => point.loss).filter(Number.isFinite),
    ...validation.map((point) => point.loss),
  );
  const table: ChartTable = {
    columns: ['Step', 'Train, smoothed', 'Train', 'Validation'],
    rows: lossRows(series),
  };
  return {
    points,
    validation,
    top: isEmpty ? null : highest * 1.06,
    table,
    sentence: `${lossSentence(series)}${marksSentence(series.marks)}`,
  };
}

const mostTableSteps = 120;

function lossRows(series: RunSeries): string[][] {
  const validation = new Map(series.evaluations.map((point) => [point.step, point.loss]));
  if (series.base) validation.set(0, series.base.loss);
  const every = Math.max(1, Math.ceil(series.points.length / mostTableSteps));
  const kept = series.points.filter((point, index) => index % every === 0 || validation.has(point.step));
  const steps = new Map([...kept, ...(series.latest ? [series.latest] : [])].map((point) => [point.step, point]));
  const all = [...new Set([...validation.keys(), ...steps.keys()])].sort((first, second) => first - second);
  return all.map((step) => {
    const point = steps.get(step);
    const measured = validation.get(step);
    return [
      formatCount(step),
      point ? formatFigure(point.smoothed) : '',
      point ? formatFigure(point.loss) : '',
      measured === undefined ? '' : formatFigure(measured),
    ];
  });
}

function lossSentence(series: RunSeries): string {
  const { base, latest } = series;
  const last = series.evaluations.at(-1);
  if (!latest)
    return base
      ? `Loss over steps: ${formatFigure(base.loss)} on the validation texts before training.`
      : 'Loss over steps: nothing measured yet.';
  const train = `smoothed training loss is ${formatFigure(latest.smoothed)} at step ${latest.step} of ${series.totalSteps}`;
  if (base && last)
    return `Loss over steps: validation went from ${formatFigure(base.loss)} to ${formatFigure(last.loss)}, ${train}.`;
  return `Loss over steps: ${train}.`;
}

function marksSentence(marks: RunSeries['marks']): string {
  return marks.length === 0 ? '' : ` Marked: ${marks.map(({ label }) => label).join('; ')}.`;
}

function LossReading({ smoothed, measured }: { smoothed: number | undefined; measured: number | undefined }) {
  return (
    <>
      {smoothed !== undefined && (
        <>
          smoothed train <b className="is-loss">{formatFigure(smoothed)}</b>
        </>
      )}
      {smoothed !== undefined && measured !== undefined && ', '}
      {measured !== undefined && (
        <>
          validation <b className="is-loss">{formatFigure(measured)}</b>
        </>
      )}
    </>
  );
}

type LossPoints = Pick<ReturnType<typeof selectLoss>, 'points' | 'validation'>;

function linesOf({ points, validation }: LossPoints): PlotLine[] {
  const colour = 'var(--loss-mark)';
  return [
    { key: 'raw', points: points.map((point) => ({ x: point.step, y: point.loss })), colour, width: 1, opacity: 0.34 },
    { key: 'smoothed', points: points.map((point) => ({ x: point.step, y: point.smoothed })), colour, width: 2 },
    {
      key: 'validation',
      points: validation.map((point) => ({ x: point.step, y: point.loss })),
      colour,
      width: 1.75,
      dash: '5 4',
    },
  ];
}

function marksOf(series: RunSeries, validation: LossPoints['validation']): Mark[] {
  const marks: Mark[] = validation.map((point) => ({
    key: `v${point.step}`,
    x: point.step,
    y: point.loss,
    shape: 'hollow',
    colour: 'var(--loss-mark)',
  }));
  const best = series.evaluations.find((point) => point.best);
  if (best) marks.push({ key: 'best', x: best.step, y: best.loss, shape: 'ring', colour: 'var(--ink)' });
  return marks;
}

function endsOf(latest: RunSeries['latest'], measured: number | undefined, compact: boolean): EndLabel[] {
  const x = latest?.step ?? 0;
  const colour = 'var(--loss-text)';
  const ends: EndLabel[] = [];
  if (measured !== undefined)
    ends.push({ key: 'validation', x, y: measured, name: 'validation', value: formatFigure(measured), colour });
  if (latest) {
    const name = compact ? 'train' : 'train, smoothed';
    ends.push({ key: 'train', x, y: latest.smoothed, name, value: formatFigure(latest.smoothed), colour });
  }
  return ends;
}

export function LossChart({ series, compact }: { series: RunSeries; compact: boolean }) {
  const { points, validation, top, table, sentence } = selectLoss(series);
  const ticks = top === null ? [] : roundTicks(top);
  const digits = Math.max(1, tickDigits(ticks));
  const { latest } = series;
  const measured = validation.at(-1)?.loss;
  return (
    <ChartFigure
      title="Loss"
      sentence={sentence}
      table={table}
      reading={<LossReading smoothed={latest?.smoothed} measured={measured} />}
    >
      <LinePlot
        height={256}
        xEnd={series.totalSteps}
        xTicks={stepTicks(series.totalSteps, series.stepsPerEpoch, compact ? 2 : 4)}
        yDomain={[0, top ?? 1]}
        yTicks={ticks.map((at) => ({ at, label: at.toFixed(digits) }))}
        now={latest?.step ?? null}
        note="cross-entropy, nats"
        lines={linesOf({ points, validation })}
        events={eventsOf(series.marks, true)}
        marks={marksOf(series, validation)}
        ends={endsOf(latest, measured, compact)}
      />
    </ChartFigure>
  );
}
