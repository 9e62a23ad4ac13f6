import { createRandom, drawBelow, randomStreams } from '../data/random';

/** The standard normal's 97.5 % point. */
const Z = 1.959963984540054;

/** Wilson's 95 % interval of a share (1927): keeps within 0 to 1 and holds for few texts too. */
export function wilsonInterval(hits: number, count: number): [number, number] {
  if (count <= 0) throw new RangeError(`An interval of ${count} texts was asked for; at least one is needed.`);
  const share = hits / count;
  const scale = 1 + Z ** 2 / count;
  const centre = (share + Z ** 2 / (2 * count)) / scale;
  const half = (Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2))) / scale;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * 95 % percentile interval of macro-F1 over resampled texts, drawn with replacement by the seed. A class that a resample lacks counts as 0,
 * as it does in macro-F1 itself; with `counted` 'present' it is left out of the mean, as scikit-learn does by default. A prediction of `classes`
 * is none of them.
 */
export function bootstrapMacroF1(
  labels: Int32Array,
  predictions: Int32Array,
  classes: number,
  seed: number,
  resamples = 1000,
  counted: 'all' | 'present' = 'all',
): [number, number] {
  const count = labels.length;
  const random = createRandom(seed, randomStreams.bootstrap);
  const scores = new Float64Array(resamples);
  const right = new Int32Array(classes);
  /** Texts of the class and texts predicted as it, together: the denominator of its F1. */
  const sizes = new Int32Array(classes + 1);
  for (let resample = 0; resample < resamples; resample += 1) {
    right.fill(0);
    sizes.fill(0);
    for (let draw = 0; draw < count; draw += 1) {
      const index = drawBelow(random, count);
      const label = labels[index]!;
      const predicted = predictions[index]!;
      sizes[label]! += 1;
      sizes[predicted]! += 1;
      if (label === predicted) right[label]! += 1;
    }
    let total = 0;
    let present = 0;
    for (let index = 0; index < classes; index += 1) {
      if (sizes[index] === 0) continue;
      total += (2 * right[index]!) / sizes[index]!;
      present += 1;
    }
    scores[resample] = total / (counted === 'all' ? classes : present);
  }
  scores.sort();
  return [percentile(scores, 0.025), percentile(scores, 0.975)];
}

/** Between neighbours in a straight line, as numpy's default does. */
export function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
