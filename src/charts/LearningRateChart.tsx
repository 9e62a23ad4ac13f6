import { ChartFigure } from './ChartFigure';
import { LinePlot } from './LinePlot';
import { formatCount } from '../ui/format';
import { formatRate } from './format';
import { stepTicks, thinForDrawing } from './scale';
import type { RunSeries } from './series';

export function selectLearningRate(series: RunSeries) {
  const points = thinForDrawing(series.points, series.latest, (point) => point.learningRate, series.totalSteps, 160);
  const peak = Math.max(
    series.peakLearningRate,
    ...points.map((point) => point.learningRate),
    ...series.learningRates.map((point) => point.learningRate),
  );
  const reached = series.latest?.step ?? 0;
  const still = series.learningRates.filter((point) => point.step > reached);
  return {
    points,
    ahead: series.latest && still.length > 0 ? [series.latest, ...still] : still,
    peak: peak > 0 ? peak : 1e-9,
    table: {
      columns: ['Step', 'Learning rate'],
      rows: points.map((point) => [formatCount(point.step), formatRate(point.learningRate, 3)]),
    },
    sentence: series.latest
      ? `Learning rate over steps: ${formatRate(series.latest.learningRate)} at step ${series.latest.step}, at most ${formatRate(peak)}.`
      : `Learning rate over steps: at most ${formatRate(peak)}, no step done yet.`,
  };
}

export function LearningRateChart({ series }: { series: RunSeries }) {
  const { points, ahead, peak, table, sentence } = selectLearningRate(series);
  return (
    <ChartFigure
      title="Learning rate"
      sentence={sentence}
      table={table}
      reading={series.latest && <b>{formatRate(series.latest.learningRate)}</b>}
    >
      <LinePlot
        height={58}
        xEnd={series.totalSteps}
        xTicks={stepTicks(series.totalSteps, series.stepsPerEpoch, 0)}
        yDomain={[0, peak * 1.1]}
        yTicks={[
          { at: 0, label: '0' },
          { at: peak, label: formatRate(peak, 1) },
        ]}
        now={series.latest?.step ?? null}
        lines={[
          {
            key: 'ahead',
            points: ahead.map((point) => ({ x: point.step, y: point.learningRate })),
            colour: 'var(--bar)',
            width: 1.25,
            opacity: 0.45,
          },
          {
            key: 'rate',
            points: points.map((point) => ({ x: point.step, y: point.learningRate })),
            colour: 'var(--bar)',
            width: 1.25,
          },
        ]}
      />
    </ChartFigure>
  );
}
