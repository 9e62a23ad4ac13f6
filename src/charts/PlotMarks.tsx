import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import styles from './charts.module.css';
import { spreadLabels } from './scale';

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
const spaceForLabelPx = 150;

/** Drawn inside a recharts chart, over its lines. */
export function PlotMarks({ marks, ends }: { marks: readonly Mark[]; ends: readonly EndLabel[] }) {
  const area = usePlotArea();
  const toX = useXAxisScale();
  const toY = useYAxisScale();
  if (!area || !toX || !toY) return null;
  const wanted = ends.map((end) => (toY(end.y) ?? 0) + (end.shift ?? 0));
  const placed = spreadLabels(wanted, labelGapPx, area.y + 6, area.y + area.height - 9);
  return (
    <g>
      {marks.map((mark) => (
        <MarkShape key={mark.key} mark={mark} x={toX(mark.x) ?? 0} y={toY(mark.y) ?? 0} />
      ))}
      {ends.map((end, index) => {
        const at = toX(end.x) ?? 0;
        const inside = at + spaceForLabelPx > area.x + area.width;
        return (
          <text
            key={end.key}
            x={inside ? at - 9 : at + 9}
            y={(placed[index] ?? 0) + 4}
            textAnchor={inside ? 'end' : 'start'}
            className={styles.endLabel}
            fill={end.colour}
          >
            {end.name} <tspan className={styles.endValue}>{end.value}</tspan>
          </text>
        );
      })}
    </g>
  );
}

function MarkShape({ mark, x, y }: { mark: Mark; x: number; y: number }) {
  if (mark.shape === 'ring') return <circle cx={x} cy={y} r={6} fill="none" stroke="var(--ink)" strokeWidth={1.5} />;
  if (mark.shape === 'hollow') return <circle cx={x} cy={y} r={3} fill="var(--bg)" stroke={mark.colour} strokeWidth={2} />;
  return <circle cx={x} cy={y} r={4.25} fill={mark.colour} stroke="var(--bg)" strokeWidth={1.5} />;
}
