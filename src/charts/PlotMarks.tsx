import { DefaultZIndexes, usePlotArea, useXAxisScale, useYAxisScale, ZIndexLayer } from 'recharts';
import { PlotEvents, usePlacedEvents } from './PlotEvents';
import { placeEndLabels, type EndLabel, type Point } from './endLabels';
import { eventRowPx, type PlotEvent } from './eventLabels';
import styles from './charts.module.css';

/** A point that stands out: a dot, a hollow dot, or a ring around another. */
export interface Mark {
  key: string;
  x: number;
  y: number;
  shape: 'dot' | 'hollow' | 'ring';
  colour: string;
}

/** The least distance of a label from the plot's upper and lower edge, in pixels; under the unit a row more. */
const headPx = 6;
const footPx = 9;

interface PlotMarksProps {
  marks: readonly Mark[];
  ends: readonly EndLabel[];
  /** What the labels keep clear of. */
  lines: readonly (readonly Point[])[];
  /** Their words stand above the labels. */
  events: readonly PlotEvent[];
  /** Taken by the unit, from the left. */
  notePx: number;
}

/** Points, names at the lines' ends and the words of what happened; drawn inside a recharts chart, over its lines. */
export function PlotMarks({ marks, ends, lines, events, notePx }: PlotMarksProps) {
  const area = usePlotArea();
  const toX = useXAxisScale();
  const toY = useYAxisScale();
  const placed = usePlacedEvents({ events, notePx });
  if (!area || !toX || !toY || !placed) return null;
  const toPixels = <Place extends Point>(place: Place) => ({ ...place, x: toX(place.x) ?? 0, y: toY(place.y) ?? 0 });
  const topPx = notePx === 0 ? headPx : headPx + eventRowPx + 1;
  const words = placed.map(({ span, row }) => ({ span, below: area.y + headPx + (row + 1) * eventRowPx }));
  const room = { right: area.x + area.width, top: area.y + topPx, bottom: area.y + area.height - footPx, words };
  const labels = placeEndLabels(
    ends.map(toPixels),
    lines.map((line) => line.map(toPixels)),
    room,
  );
  return (
    <ZIndexLayer zIndex={DefaultZIndexes.label}>
      {marks.map((mark) => (
        <MarkShape key={mark.key} mark={toPixels(mark)} />
      ))}
      {ends.map((end, index) => {
        const { x = 0, y = 0, anchor } = labels[index] ?? {};
        return (
          <text key={end.key} x={x} y={y + 4} textAnchor={anchor} className={styles.endLabel} fill={end.colour}>
            {end.name} <tspan className={styles.endValue}>{end.value}</tspan>
          </text>
        );
      })}
      <PlotEvents events={events} placed={placed} topPx={area.y} />
    </ZIndexLayer>
  );
}

function MarkShape({ mark: { x, y, shape, colour } }: { mark: Mark }) {
  if (shape === 'ring') return <circle cx={x} cy={y} r={6} fill="none" stroke="var(--ink)" strokeWidth={1.5} />;
  if (shape === 'hollow') return <circle cx={x} cy={y} r={3} fill="var(--bg)" stroke={colour} strokeWidth={2} />;
  return <circle cx={x} cy={y} r={4.25} fill={colour} stroke="var(--bg)" strokeWidth={1.5} />;
}
