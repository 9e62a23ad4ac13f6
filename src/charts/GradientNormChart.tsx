import { ChartFigure } from './ChartFigure';
import { LinePlot } from './LinePlot';
import { formatCount, plural } from '../ui/format';
import { formatFigure } from './format';
import { roundTicks, stepTicks, thinForDrawing, tickDigits } from './scale';
import type { RunSeries } from './series';
import styles from './charts.module.css';

export function selectGradientNorm(series: RunSeries) {
  const points = thinForDrawing(series.points, series.latest, (point) => point.gradNorm, series.totalSteps, 160);
  const highest = Math.max(0.01, ...points.map((point) => point.gradNorm).filter(Number.isFinite));
  const clipped =
    series.maxGradNorm > 0
      ? `clipped in ${formatCount(series.clippedSteps)} of ${formatCount(series.stepsSeen)} steps`
      : 'never clipped: max_grad_norm is 0';
  const { lossScale } = series;
  const scaled = lossScale
    ? `${lossScale.skippedSteps === 0 ? 'no step' : plural(lossScale.skippedSteps, 'step')} skipped, loss scale ${formatCount(lossScale.scale)}`
    : null;
  return {
    points,
    top: highest * 1.1,
    clipped,
    scaled,
    table: {
      columns: ['Step', 'Gradient norm before clipping'],
      rows: points.map((point) => [formatCount(point.step), formatFigure(point.gradNorm, 4)]),
    },
    sentence: series.latest
      ? `Gradient norm over steps: ${formatFigure(series.latest.gradNorm, 2)} at step ${series.latest.step}, ${[clipped, scaled].filter(Boolean).join('; ')}.`
      : 'Gradient norm over steps: no step done yet.',
  };
}

export function GradientNormChart({ series }: { series: RunSeries }) {
  const { points, top, clipped, scaled, table, sentence } = selectGradientNorm(series);
  const all = points.length === 0 ? [] : roundTicks(top);
  const ticks = all.length > 3 ? all.filter((_, index) => index % 2 === 0) : all;
  const digits = tickDigits(ticks);
  return (
    <div>
      <ChartFigure
        title="Gradient norm"
        sentence={sentence}
        table={table}
        reading={
          series.latest && (
            <>
              <b>{formatFigure(series.latest.gradNorm, 2)}</b>
              <span className={styles.wide}>, {clipped}</span>
            </>
          )
        }
      >
        <LinePlot
          height={58}
          xEnd={series.totalSteps}
          xTicks={stepTicks(series.totalSteps, series.stepsPerEpoch, 0)}
          yDomain={[0, top]}
          yTicks={ticks.map((at) => ({ at, label: at.toFixed(digits) }))}
          now={series.latest?.step ?? null}
          lines={[
            {
              key: 'norm',
              points: points.map((point) => ({ x: point.step, y: point.gradNorm })),
              colour: 'var(--bar)',
              width: 1.25,
            },
          ]}
        />
      </ChartFigure>
      {scaled && <p className={`label ${styles.scaled}`}>Half precision: {scaled}</p>}
    </div>
  );
}
