import type { SeriesMark } from './series';

/** Something that happened at one place of the axis. */
export interface PlotEvent {
  key: string;
  x: number;
  /** At the top of its line; null for a line alone. */
  label: string | null;
  isQuiet: boolean;
}

/** Lines at what happened; with their words, or the lines alone where another chart has the words. */
export function eventsOf(marks: readonly SeriesMark[], isLabelled: boolean): PlotEvent[] {
  return marks
    .filter(({ step }) => step > 0)
    .map(({ step, kind, label }) => ({
      key: `${kind} ${step}`,
      x: step,
      label: isLabelled ? label : null,
      isQuiet: kind === 'resumed',
    }));
}

export interface PlacedEvent {
  key: string;
  x: number;
  /** From its left to its right end. */
  span: readonly [number, number];
  /** 0 at the top, 1 below. */
  row: number;
  anchor: 'start' | 'end';
}

/** From one row of words to the next, in pixels. */
export const eventRowPx = 17;

const besidePx = 9;
const letterWidthPx = 6.4;

/**
 * Where the words stand: right of their line, left of it where the plot ends, in the second row where the first is taken. The newest come
 * first; words without room are left out.
 * @param events In pixels.
 * @param room From the plot's left to its right edge; `taken`: so much of the first row is, from the left.
 */
export function placeEvents(
  events: readonly { key: string; x: number; label: string }[],
  room: { left: number; right: number; taken: number },
): PlacedEvent[] {
  const rows: [number, number][][] = [room.taken > 0 ? [[room.left, room.left + room.taken]] : [], []];
  const placed: PlacedEvent[] = [];
  for (const { key, x, label } of events.toReversed()) {
    const width = label.length * letterWidthPx + besidePx;
    const anchor = x + width <= room.right ? 'start' : 'end';
    const span: [number, number] = anchor === 'start' ? [x, x + width] : [x - width, x];
    if (span[0] < room.left) continue;
    const row = rows.findIndex((taken) => taken.every((other) => !overlap(span, other)));
    if (row < 0) continue;
    rows[row]?.push(span);
    placed.push({ key, x: anchor === 'start' ? x + besidePx : x - besidePx, span, row, anchor });
  }
  return placed;
}

/** Whether two stretches of the axis have more in common than an end. */
export function overlap([from, to]: readonly [number, number], [begin, end]: readonly [number, number]): boolean {
  return to > begin && from < end;
}
