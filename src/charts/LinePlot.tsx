import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from 'recharts';
import { PlotMarks } from './PlotMarks';
import type { EndLabel, Mark } from './PlotMarks';
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

interface LinePlotProps {
  /** Height of the plot alone, in pixels. */
  height: number;
  xEnd: number;
  xTicks: readonly Tick[];
  yDomain: [number, number];
  yTicks: readonly Tick[];
  lines: readonly PlotLine[];
  /** Lines across the whole plot at one value. */
  levels?: readonly { key: string; y: number; colour: string; dash?: string }[];
  marks?: readonly Mark[];
  ends?: readonly EndLabel[];
  /** The step reached; a dotted vertical line while the run has more to go. */
  now: number | null;
  /** Unit, at the top left. */
  note?: string;
}

interface TickProps {
  x?: number | string;
  y?: number | string;
  index?: number;
  payload?: { value: number };
}

/** Lines over steps: horizontal hairlines, text that never scales, no tweening. */
export function LinePlot(props: LinePlotProps) {
  const { height, xEnd, xTicks, yDomain, yTicks, lines, levels = [], marks = [], ends = [], now, note } = props;
  const rows = mergeRows(lines);
  const labelOfX = new Map(xTicks.map((tick) => [tick.at, tick.label]));
  const labelOfY = new Map(yTicks.map((tick) => [tick.at, tick.label]));
  const lastTick = xTicks.length - 1;
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
            tick={({ x, y, index = 0, payload }: TickProps) => (
              <text
                x={x}
                y={Number(y) + 8}
                className={styles.tick}
                textAnchor={index === 0 ? 'start' : index === lastTick ? 'end' : 'middle'}
              >
                {labelOfX.get(payload?.value ?? 0)}
              </text>
            )}
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
            tick={({ x, y, payload }: TickProps) => (
              <text x={x} y={Number(y) + 4} className={styles.tick} textAnchor="end">
                {labelOfY.get(payload?.value ?? 0)}
              </text>
            )}
          />
          {levels.map((level) => (
            <ReferenceLine
              key={level.key}
              y={level.y}
              stroke={level.colour}
              strokeWidth={2}
              {...(level.dash ? { strokeDasharray: level.dash } : {})}
            />
          ))}
          {now !== null && now < xEnd && <ReferenceLine x={now} stroke="var(--line-strong)" strokeDasharray="2 3" />}
          {lines.map((line) => (
            <Line
              key={line.key}
              dataKey={line.key}
              type="linear"
              stroke={line.colour}
              strokeWidth={line.width}
              strokeOpacity={line.opacity ?? 1}
              strokeLinejoin="round"
              {...(line.dash ? { strokeDasharray: line.dash } : {})}
              dot={false}
              activeDot={false}
              connectNulls
              isAnimationActive={false}
            />
          ))}
          <PlotMarks marks={marks} ends={ends} topPx={note === undefined ? 6 : 24} />
        </LineChart>
      </ResponsiveContainer>
      {note !== undefined && <span className={styles.note}>{note}</span>}
    </div>
  );
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
