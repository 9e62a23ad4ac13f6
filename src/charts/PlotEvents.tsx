import { usePlotArea, useXAxisScale } from 'recharts';
import { eventRowPx, placeEvents, type PlacedEvent, type PlotEvent } from './eventLabels';
import styles from './charts.module.css';

interface Events {
  events: readonly PlotEvent[];
  /** Taken by the unit, from the left. */
  notePx: number;
}

/** Where the words stand, inside a recharts chart; null before it is laid out. */
export function usePlacedEvents({ events, notePx }: Events): PlacedEvent[] | null {
  const area = usePlotArea();
  const toX = useXAxisScale();
  if (!area || !toX) return null;
  const labelled = events.flatMap(({ key, x, label }) => (label === null ? [] : [{ key, x: toX(x) ?? 0, label }]));
  return placeEvents(labelled, { left: area.x, right: area.x + area.width, taken: notePx });
}

interface PlotEventsProps {
  events: readonly PlotEvent[];
  placed: readonly PlacedEvent[];
  /** Of the plot. */
  topPx: number;
}

/** The words of what happened, at the top of their lines. */
export function PlotEvents({ events, placed, topPx }: PlotEventsProps) {
  return placed.map(({ key, x, row, anchor }) => (
    <text key={key} x={x} y={topPx + 10 + row * eventRowPx} textAnchor={anchor} className={styles.eventLabel}>
      {events.find((event) => event.key === key)?.label}
    </text>
  ));
}
