import { DefaultZIndexes, usePlotArea, useXAxisScale, useYAxisScale, ZIndexLayer } from 'recharts';
import type { PlotArea } from 'recharts';
import styles from './charts.module.css';
import { keepOrder, spreadLabels } from './scale';

/** A point that stands out: a dot, a hollow dot, or a ring around another. */
export interface Mark {
  key: string;
  x: number;
  y: number;
  shape: 'dot' | 'hollow' | 'ring';
  colour: string;
}

/** Name and value where a line ends. */
export interface EndLabel {
  key: string;
  x: number;
  y: number;
  name: string;
  value: string;
  colour: string;
  /** Pixels above (negative) or below the line, for one that runs on past its label. */
  shift?: number;
}

const labelGapPx = 21;
/** Wide enough for every letter of the label; measured text would cost a layout at each redraw. */
const letterWidthPx = 6.6;
/** Half a label's height with a little air: the least distance from the plot's lower edge and from a line that runs under it. */
const clearPx = 13;

/** Drawn inside a recharts chart, over its lines; labels keep `topPx` free at the top of the plot. */
export function PlotMarks({ marks, ends, topPx }: { marks: readonly Mark[]; ends: readonly EndLabel[]; topPx: number }) {
  const area = usePlotArea();
  const toX = useXAxisScale();
  const toY = useYAxisScale();
  if (!area || !toX || !toY) return null;
  const labels = placeLabels(ends, area, toX, toY, topPx);
  return (
    <ZIndexLayer zIndex={DefaultZIndexes.label}>
      {marks.map((mark) => (
        <MarkShape key={mark.key} mark={mark} x={toX(mark.x) ?? 0} y={toY(mark.y) ?? 0} />
      ))}
      {labels.map(({ end, x, y, anchor }) => (
        <text key={end.key} x={x} y={y + 4} textAnchor={anchor} className={styles.endLabel} fill={end.colour}>
          {end.name} <tspan className={styles.endValue}>{end.value}</tspan>
        </text>
      ))}
    </ZIndexLayer>
  );
}

type ToPixels = (value: number) => number | undefined;

/** Right of where the lines end while there is room; after that left of it, over and under the lines. */
function placeLabels(ends: readonly EndLabel[], area: PlotArea, toX: ToPixels, toY: ToPixels, topPx: number) {
  const right = area.x + area.width;
  const isOver = (end: EndLabel) => (toX(end.x) ?? 0) + 9 + (end.name.length + end.value.length + 1) * letterWidthPx > right;
  const inside = ends.some(isOver);
  const free = ends.filter((end) => end.shift === undefined).map((end) => toY(end.y) ?? 0);
  const middle = free.length === 0 ? 0 : (Math.min(...free) + Math.max(...free)) / 2;
  let lowest = area.y + area.height - 9;
  const wanted = ends.map((end) => {
    const line = toY(end.y) ?? 0;
    const shift = end.shift ?? (inside ? (line <= middle ? -clearPx : clearPx) : 0);
    if (shift <= 0 || line + shift <= area.y + area.height - 9) return line + shift;
    // No room below the line: it goes above, and nothing else below it.
    lowest = Math.min(lowest, line - clearPx);
    return line - clearPx;
  });
  const ordered = keepOrder(
    wanted,
    ends.map((end) => toY(end.y) ?? 0),
  );
  const placed = spreadLabels(ordered, labelGapPx, area.y + topPx, lowest);
  return ends.map((end, index) => {
    const at = toX(end.x) ?? 0;
    return { end, x: inside ? at - 9 : at + 9, y: placed[index] ?? 0, anchor: inside ? ('end' as const) : ('start' as const) };
  });
}

function MarkShape({ mark, x, y }: { mark: Mark; x: number; y: number }) {
  if (mark.shape === 'ring') return <circle cx={x} cy={y} r={6} fill="none" stroke="var(--ink)" strokeWidth={1.5} />;
  if (mark.shape === 'hollow') return <circle cx={x} cy={y} r={3} fill="var(--bg)" stroke={mark.colour} strokeWidth={2} />;
  return <circle cx={x} cy={y} r={4.25} fill={mark.colour} stroke="var(--bg)" strokeWidth={1.5} />;
}
