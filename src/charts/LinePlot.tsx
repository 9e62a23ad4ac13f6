import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { PlotMarks, type Mark } from './PlotMarks';
import type { EndLabel } from './endLabels';
import type { PlotEvent } from './eventLabels';
import styles from './charts.module.css';
import type { Tick } from './scale';

export interface PlotLine {
  key: string;
  points: readonly { x: number; y: number }[];
  /** A token, as `var(--loss-mark)`. */
  colour: string;
  width: number;
  dash?: string;
  opacity?: number;
}

/** A line across the whole plot at one value. */
export interface PlotLevel {
  key: string;
  y: number;
  colour: string;
  dash?: string;
}

interface LinePlotProps {
  /** Height of the plot alone, in pixels. */
  height: number;
  xEnd: number;
  xTicks: readonly Tick[];
  yDomain: [number, number];
  yTicks: readonly Tick[];
  lines: readonly PlotLine[];
  levels?: readonly PlotLevel[];
  marks?: readonly Mark[];
  ends?: readonly EndLabel[];
  events?: readonly PlotEvent[];
  /** The step reached; a dotted vertical line while the run has more to go. */
  now: number | null;
  /** Unit, at the top left. */
  note?: string;
}

/** Room of the unit at the top left. */
const noteWidthPx = 132;

interface TickProps {
  x?: number | string;
  y?: number | string;
  index?: number;
  payload?: { value: number };
}

/** Lines over steps: horizontal hairlines, text that never scales, no tweening. */
export function LinePlot(props: LinePlotProps) {
  const { height, xEnd, xTicks, yDomain, yTicks, lines, levels = [], marks = [], ends = [], events = [], now, note } = props;
  const rows = mergeRows(lines);
  const notePx = note === undefined ? 0 : noteWidthPx;
  // A faint line may run under a label: its every spike would push the label away.
  const clearLines = lines.filter((line) => line.opacity === undefined).map((line) => line.points);
  return (
    <div className={styles.plot} style={{ height: height + 26 }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: height + 26 }}>
        <LineChart data={rows} margin={{ top: 6, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} syncWithTicks stroke="var(--grid)" />
          <XAxis
            dataKey="x"
            type="number"
            domain={[0, xEnd]}
            ticks={xTicks.map((tick) => tick.at)}
            allowDataOverflow
            interval={0}
            height={20}
            axisLine={{ stroke: 'var(--line-strong)' }}
            tickLine={false}
            tick={(tick: TickProps) => <StepTick {...tick} ticks={xTicks} />}
          />
          <YAxis
            type="number"
            domain={yDomain}
            ticks={yTicks.map((tick) => tick.at)}
            allowDataOverflow
            interval={0}
            width={34}
            axisLine={false}
            tickLine={false}
            tick={(tick: TickProps) => <ValueTick {...tick} ticks={yTicks} />}
          />
          {levels.map((level) => (
            <ReferenceLine key={level.key} y={level.y} stroke={level.colour} strokeWidth={2} {...dashOf(level)} />
          ))}
          {now !== null && now < xEnd && <ReferenceLine x={now} stroke="var(--line-strong)" strokeDasharray="2 3" />}
          {events.map(({ key, x, isQuiet }) => (
            <ReferenceLine key={key} x={x} stroke={isQuiet ? 'var(--line-strong)' : 'var(--warn-mark)'} strokeWidth={2} />
          ))}
          <PlotLines lines={lines} />
          <PlotMarks marks={marks} ends={ends} lines={clearLines} events={events} notePx={notePx} />
        </LineChart>
      </ResponsiveContainer>
      {note !== undefined && <span className={styles.note}>{note}</span>}
    </div>
  );
}

function PlotLines({ lines }: { lines: readonly PlotLine[] }) {
  return lines.map((line) => (
    <Line
      key={line.key}
      dataKey={line.key}
      type="linear"
      stroke={line.colour}
      strokeWidth={line.width}
      strokeOpacity={line.opacity ?? 1}
      strokeLinejoin="round"
      {...dashOf(line)}
      dot={false}
      activeDot={false}
      connectNulls
      isAnimationActive={false}
    />
  ));
}

interface LabelledTick extends TickProps {
  ticks: readonly Tick[];
}

function labelAt({ ticks, payload }: LabelledTick): string | undefined {
  return ticks.find((tick) => tick.at === (payload?.value ?? 0))?.label;
}

/** The first and the last stay inside the plot. */
function StepTick(tick: LabelledTick) {
  const { x, y, index = 0, ticks } = tick;
  const anchor = index === 0 ? 'start' : index === ticks.length - 1 ? 'end' : 'middle';
  return (
    <text x={x} y={Number(y) + 8} className={styles.tick} textAnchor={anchor}>
      {labelAt(tick)}
    </text>
  );
}

function ValueTick(tick: LabelledTick) {
  return (
    <text x={tick.x} y={Number(tick.y) + 4} className={styles.tick} textAnchor="end">
      {labelAt(tick)}
    </text>
  );
}

function dashOf({ dash }: { dash?: string }) {
  return dash ? { strokeDasharray: dash } : {};
}

type Row = Record<string, number>;

function mergeRows(lines: readonly PlotLine[]): Row[] {
  const rows = new Map<number, Row>();
  for (const line of lines) {
    for (const { x, y } of line.points) {
      if (!Number.isFinite(y)) continue;
      const row = rows.get(x);
      if (row) row[line.key] = y;
      else rows.set(x, { x, [line.key]: y });
    }
  }
  return [...rows.values()].sort((first, second) => (first['x'] ?? 0) - (second['x'] ?? 0));
}
