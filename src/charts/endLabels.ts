import { overlap } from './eventLabels';
import { keepOrder, spreadLabels } from './scale';

/** Name and value where a line ends. */
export interface EndLabel {
  key: string;
  x: number;
  y: number;
  name: string;
  value: string;
  colour: string;
  /** Pixels above (negative) or below the line's end, where two lines end close to each other. */
  shift?: number;
  /** The line goes on across the plot, under its label. */
  runsOn?: boolean;
}

export interface Point {
  x: number;
  y: number;
}

/** The plot in pixels; labels keep between `top` and `bottom`. */
export interface LabelRoom {
  right: number;
  top: number;
  bottom: number;
  /** Words at the top of the plot: labels beside or under them stand no higher than `below`. */
  words?: readonly { span: readonly [number, number]; below: number }[];
}

export interface PlacedLabel {
  x: number;
  y: number;
  anchor: 'start' | 'end';
}

const labelGapPx = 21;
/** Wide enough for every letter of the label; measured text would cost a layout at each redraw. */
const letterWidthPx = 6.6;
const besidePx = 9;
/** Half a label's height with a little air: the least distance from a line that runs under it. */
const clearPx = 13;
/** The same from the middle of a point with a ring around it. */
const clearOfPointsPx = 15;

function widthOf({ name, value }: EndLabel): number {
  return (name.length + value.length + 1) * letterWidthPx;
}

/**
 * Right of where the lines end while there is room; after that left of it, clear of the lines.
 * @param ends In pixels.
 * @param lines In pixels, each from left to right: what the labels are to keep clear of.
 * @param whole The plot.
 */
export function placeEndLabels(ends: readonly EndLabel[], lines: readonly (readonly Point[])[], whole: LabelRoom): PlacedLabel[] {
  const inside = ends.some((end) => end.x + besidePx + widthOf(end) > whole.right);
  const room = { ...whole, top: topUnderWords(ends, inside, whole) };
  const cleared = inside ? clearOfLines(ends, lines, room) : new Map<EndLabel, number>();
  let lowest = room.bottom;
  const wanted = ends.map((end) => {
    const shift = end.shift ?? 0;
    const isLow = shift > 0 && end.y + shift > room.bottom;
    const clear = cleared.get(end);
    if (clear !== undefined) return clear;
    if (!isLow) return end.y + shift;
    // No room below the line: it goes above, and nothing else below it.
    lowest = Math.min(lowest, end.y - clearPx);
    return end.y - clearPx;
  });
  const heights = ends.map((end) => end.y);
  const placed = spreadLabels(keepOrder(wanted, heights), labelGapPx, room.top, lowest);
  return ends.map((end, index) => ({
    x: inside ? end.x - besidePx : end.x + besidePx,
    y: placed[index] ?? 0,
    anchor: inside ? 'end' : 'start',
  }));
}

function topUnderWords(ends: readonly EndLabel[], inside: boolean, { top, words = [] }: LabelRoom): number {
  const spans = ends.map((end): [number, number] => {
    const [near, far] = [besidePx, besidePx + widthOf(end)];
    return inside ? [end.x - far, end.x - near] : [end.x + near, end.x + far];
  });
  const met = words.filter(({ span }) => spans.some((own) => overlap(own, span)));
  return Math.max(top, ...met.map(({ below }) => below));
}

/** One above the other over the lines, or under them where the plot ends too soon above; where neither has room, over and under. */
function clearOfLines(ends: readonly EndLabel[], lines: readonly (readonly Point[])[], room: LabelRoom): Map<EndLabel, number> {
  const ending = ends.filter((end) => !end.runsOn).toSorted((first, second) => first.y - second.y);
  const right = Math.max(...ending.map((end) => end.x));
  const left = right - besidePx - Math.max(...ending.map(widthOf));
  const met = [...lines.flatMap((line) => heightsBetween(line, left, right)), ...ending.map((end) => end.y)].filter(
    Number.isFinite,
  );
  const over = Math.min(...met) - clearOfPointsPx;
  const under = Math.max(...met) + clearOfPointsPx;
  const rest = (ending.length - 1) * labelGapPx;
  if (over - rest >= room.top) return new Map(ending.map((end, index) => [end, over - rest + index * labelGapPx]));
  if (under + rest <= room.bottom) return new Map(ending.map((end, index) => [end, under + index * labelGapPx]));
  const middle = ((ending[0]?.y ?? 0) + (ending.at(-1)?.y ?? 0)) / 2;
  return new Map(ending.map((end) => [end, end.y + (end.y <= middle ? -clearPx : clearPx)]));
}

/** Heights of a line's points between two places, and where it comes in from the left. */
function heightsBetween(line: readonly Point[], left: number, right: number): number[] {
  const heights: number[] = [];
  line.forEach((point, index) => {
    if (point.x < left || point.x > right) return;
    const before = line[index - 1];
    if (before && before.x < left) heights.push(point.y + ((before.y - point.y) * (point.x - left)) / (point.x - before.x));
    heights.push(point.y);
  });
  return heights;
}
