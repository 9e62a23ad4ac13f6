/**
 * What each class weighs in the loss so that all weigh the same together: texts / (classes * texts of the class), as scikit-learn's
 * compute_class_weight('balanced'). A class without a text counts for none and weighs 1.
 */
export function balancedWeights(labels: Int32Array, classCount: number): Float32Array {
  const counts = new Float64Array(classCount);
  for (const label of labels) counts[label]! += 1;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 1 : labels.length / (present * count)));
}
