import { DefaultZIndexes, usePlotArea, useXAxisScale, ZIndexLayer } from 'recharts';
import { eventRowPx, placeEvents, type PlacedEvent, type PlotEvent } from './eventLabels';
import styles from './charts.module.css';

interface PlotEventsProps {
  events: readonly PlotEvent[];
  /** Taken by the unit, from the left. */
  notePx: number;
}

/** Where the words stand, inside a recharts chart; null before it is laid out. */
export function usePlacedEvents({ events, notePx }: PlotEventsProps): PlacedEvent[] | null {
  const area = usePlotArea();
  const toX = useXAxisScale();
  if (!area || !toX) return null;
  const labelled = events.flatMap(({ key, x, label }) => (label === null ? [] : [{ key, x: toX(x) ?? 0, label }]));
  return placeEvents(labelled, { left: area.x, right: area.x + area.width, taken: notePx });
}

/** The words of what happened, at the top of their lines; drawn inside a recharts chart. */
export function PlotEvents({ events, notePx }: PlotEventsProps) {
  const area = usePlotArea();
  const placed = usePlacedEvents({ events, notePx });
  if (!area || !placed) return null;
  return (
    <ZIndexLayer zIndex={DefaultZIndexes.label}>
      {placed.map(({ key, x, row, anchor }) => (
        <text key={key} x={x} y={area.y + 10 + row * eventRowPx} textAnchor={anchor} className={styles.eventLabel}>
          {events.find((event) => event.key === key)?.label}
        </text>
      ))}
    </ZIndexLayer>
  );
}
