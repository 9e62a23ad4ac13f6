import type { StepPoint } from './series';

export interface Tick {
  at: number;
  label: string;
}

/** Three to five round values from 0 to at most `top`, for an axis that ends at `top`. */
export function roundTicks(top: number): number[] {
  if (!(top > 0) || !Number.isFinite(top)) return [0];
  const power = 10 ** Math.floor(Math.log10(top / 4));
  const step = [1, 2, 4, 5, 10, 20].map((factor) => factor * power).find((candidate) => top / candidate <= 4.5) ?? top / 4;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Decimals that tell neighbouring ticks apart. */
export function tickDigits(ticks: readonly number[]): number {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return step >= 1 ? 0 : Math.min(6, Math.ceil(-Math.log10(step) - 1e-9));
}

/** The axis of scores in per cent: fixed from the base model's scores on, so that it rescales only if a score falls far below. */
export function scoreAxis(fractions: readonly number[]): { domain: [number, number]; ticks: number[] } {
  const lowest = fractions.length === 0 ? 0 : Math.min(...fractions.map((fraction) => fraction * 100));
  const bottom = Math.max(0, Math.min(60, Math.floor((lowest - 8) / 10) * 10));
  const step = bottom === 0 ? 25 : bottom >= 60 ? 10 : 20;
  const ticks: number[] = [];
  for (let at = bottom; at <= 100; at += step) ticks.push(at);
  return { domain: [bottom, 100], ticks };
}

/** Step 0, up to `middle` epochs between, and the end. */
export function stepTicks(totalSteps: number, stepsPerEpoch: number, middle: number): Tick[] {
  const ticks: Tick[] = [{ at: 0, label: middle > 0 ? 'step 0' : '0' }];
  const epochs = stepsPerEpoch > 0 ? Math.ceil(totalSteps / stepsPerEpoch) - 1 : 0;
  const every = middle > 0 ? Math.max(1, Math.ceil(epochs / middle)) : 0;
  for (let epoch = every; every > 0 && epoch <= epochs; epoch += every) {
    const at = epoch * stepsPerEpoch;
    if (at > totalSteps * 0.14 && at < totalSteps * 0.9) ticks.push({ at, label: `epoch ${epoch}` });
  }
  ticks.push({ at: totalSteps, label: totalSteps.toLocaleString('en') });
  return ticks;
}

/**
 * At most about `limit` points: of every bucket of steps the lowest and the highest value stay, so that spikes do.
 * Buckets are fixed by `totalSteps`, so that what is drawn does not move as the run goes on.
 */
export function thinForDrawing<Point extends StepPoint>(
  points: readonly Point[],
  latest: Point | null,
  value: (point: Point) => number,
  totalSteps: number,
  limit = 360,
): Point[] {
  const bucketSteps = Math.ceil(Math.max(totalSteps, 1) / (limit / 2));
  const drawn: Point[] = [];
  if (totalSteps <= limit) drawn.push(...points);
  else {
    for (let start = 0; start < points.length;) {
      const bucket = Math.floor(((points[start]?.step ?? 1) - 1) / bucketSteps);
      let end = start;
      while (end < points.length && Math.floor(((points[end]?.step ?? 1) - 1) / bucketSteps) === bucket) end += 1;
      drawn.push(...extremes(points.slice(start, end), value));
      start = end;
    }
  }
  if (latest !== null && drawn.at(-1)?.step !== latest.step) drawn.push(latest);
  return drawn;
}

function extremes<Point extends StepPoint>(bucket: readonly Point[], value: (point: Point) => number): Point[] {
  const first = bucket[0];
  if (first === undefined) return [];
  let low = first;
  let high = first;
  for (const point of bucket) {
    if (value(point) < value(low)) low = point;
    if (value(point) > value(high)) high = point;
  }
  if (low === high) return [low];
  return low.step < high.step ? [low, high] : [high, low];
}

/** Label positions (pixels) moved down where needed, so that labels of lines at `lines` come in the lines' own order. */
export function keepOrder(positions: readonly number[], lines: readonly number[]): number[] {
  const order = lines.map((_, index) => index).sort((first, second) => (lines[first] ?? 0) - (lines[second] ?? 0));
  const kept = [...positions];
  let above = -Infinity;
  for (const index of order) {
    above = Math.max(positions[index] ?? 0, above + 0.01);
    kept[index] = above;
  }
  return kept;
}

/** Moves label positions (pixels) apart to at least `gap`, in their order, within `[low, high]`. */
export function spreadLabels(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const placed = order.map((index) => Math.min(high, Math.max(low, positions[index] ?? 0)));
  for (let round = 0; round < 40; round += 1) {
    let moved = false;
    for (let index = 1; index < placed.length; index += 1) {
      const overlap = gap - ((placed[index] ?? 0) - (placed[index - 1] ?? 0));
      if (overlap <= 0.01) continue;
      placed[index - 1] = Math.max(low, (placed[index - 1] ?? 0) - overlap / 2);
      placed[index] = Math.min(high, Math.max((placed[index] ?? 0) + overlap / 2, (placed[index - 1] ?? 0) + gap));
      moved = true;
    }
    if (!moved) break;
  }
  const result = [...positions];
  order.forEach((index, rank) => (result[index] = placed[rank] ?? 0));
  return result;
}

/** The step of the ten-step shade ramps for a share of a row. */
export function shadeOf(share: number): number {
  return Math.min(9, Math.max(0, Math.round(share * 9)));
}

/** Left edges (pixels) of captions that want to stand centred over their marks: apart by `gap`, within `[0, width]`. */
export function placeCaptions(captions: readonly { centre: number; width: number }[], width: number, gap: number): number[] {
  const order = captions.map((_, index) => index).sort((a, b) => (captions[a]?.centre ?? 0) - (captions[b]?.centre ?? 0));
  const lefts = captions.map(({ centre, width: own }) => Math.max(0, Math.min(width - own, centre - own / 2)));
  // A pair that overlaps parts around its middle; two sweeps back and forth settle three captions.
  for (let round = 0; round < 8; round += 1) {
    for (let rank = 1; rank < order.length; rank += 1) {
      const before = order[rank - 1] ?? 0;
      const after = order[rank] ?? 0;
      const end = (lefts[before] ?? 0) + (captions[before]?.width ?? 0) + gap;
      const overlap = end - (lefts[after] ?? 0);
      if (overlap <= 0) continue;
      lefts[before] = Math.max(0, (lefts[before] ?? 0) - overlap / 2);
      lefts[after] = Math.min(width - (captions[after]?.width ?? 0), (lefts[before] ?? 0) + (captions[before]?.width ?? 0) + gap);
    }
  }
  return lefts;
}
