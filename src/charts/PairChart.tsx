import { ChartFigure } from './ChartFigure';
import { LinePlot, type PlotLine } from './LinePlot';
import type { EndLabel } from './endLabels';
import type { Mark } from './PlotMarks';
import { roundTicks, scoreAxis, tickDigits } from './scale';
import type { ChartTable } from './series';

/** One run's curve; `x` is the share of its steps, from 0 to 1. */
export interface PairCurve {
  name: 'A' | 'B';
  points: readonly { x: number; y: number }[];
  /** The base model's figure at the start, or null. */
  base: number | null;
}

interface PairChartProps {
  title: string;
  /** `loss` in nats, `score` as a fraction. */
  unit: 'loss' | 'score';
  curves: readonly PairCurve[];
}

const dashes = { A: undefined, B: '6 4' } as const;
const ticks = [
  { at: 0, label: 'start' },
  { at: 0.5, label: 'half' },
  { at: 1, label: 'end of run' },
];

/** A figure over two runs, each from its start to its end: A solid, B dashed. */
export function PairChart({ title, unit, curves }: PairChartProps) {
  const isLoss = unit === 'loss';
  const [mark, text] = isLoss ? ['var(--loss-mark)', 'var(--loss-text)'] : ['var(--tuned-mark)', 'var(--tuned-text)'];
  const shown = (value: number): string => (isLoss ? value.toFixed(3) : (value * 100).toFixed(1));
  const drawn = curves.map((curve) => ({ ...curve, points: curve.points.map(({ x, y }) => ({ x, y: isLoss ? y : 100 * y })) }));
  const axis = axisOf(isLoss, curves);
  const lines = drawn.map(({ name, points }): PlotLine => {
    const dash = dashes[name];
    return { key: name, points, colour: mark, width: 2, ...(dash && { dash }) };
  });
  const ends = drawn.flatMap(({ name, points }): EndLabel[] => {
    const last = points.at(-1);
    const value = curves.find((curve) => curve.name === name)?.points.at(-1)?.y;
    return last && value !== undefined ? [{ key: name, x: last.x, y: last.y, name, value: shown(value), colour: text }] : [];
  });
  const marks = isLoss ? [] : drawn.flatMap(({ name, base }): Mark[] => (base === null ? [] : [{ key: name, x: 0, y: 100 * base, shape: 'dot', colour: 'var(--base-mark)' }])); // prettier-ignore
  return (
    <ChartFigure title={title} sentence={sentenceOf(title, curves, shown)} table={tableOf(curves, shown)}>
      <LinePlot
        height={210}
        xEnd={1}
        xTicks={ticks}
        yDomain={axis.domain}
        yTicks={axis.ticks.map((at) => ({ at, label: at.toFixed(isLoss ? tickDigits(axis.ticks) : 0) }))}
        lines={lines}
        marks={marks}
        ends={ends}
        now={null}
      />
    </ChartFigure>
  );
}

function axisOf(isLoss: boolean, curves: readonly PairCurve[]): { domain: [number, number]; ticks: number[] } {
  const values = curves.flatMap(({ points, base }) => [...points.map(({ y }) => y), ...(base === null || isLoss ? [] : [base])]);
  const finite = values.filter(Number.isFinite);
  if (!isLoss) return scoreAxis(finite);
  const top = Math.max(0, ...finite) * 1.08 || 1;
  return { domain: [0, top], ticks: roundTicks(top) };
}

function sentenceOf(title: string, curves: readonly PairCurve[], shown: (value: number) => string): string {
  const told = curves.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return first && last ? `run ${name} goes from ${shown(first.y)} to ${shown(last.y)}` : `run ${name} has none`;
  });
  return `${title} of two runs, each from its start to its end: ${told.join('; ')}.`;
}

function tableOf(curves: readonly PairCurve[], shown: (value: number) => string): ChartTable {
  return {
    columns: ['Run', 'Share of the run, %', 'Value'],
    rows: curves.flatMap(({ name, points }) => points.map(({ x, y }) => [name, (100 * x).toFixed(0), shown(y)])),
  };
}
