// After an overflow half the scale; after shape.interval finite steps in a row twice the scale, where that is finite. The bias
// corrections move on with finite steps alone.
@compute @workgroup_size(1)
fn main() {
  let scale = state_at(0u);
  let steps = state_at(1u) + 1.0;
  let correction1 = state_at(2u);
  let correction2 = state_at(3u);
  if (!isFinite(norm_at(0u))) {
    next_put(0u, 0.5 * scale);
    next_put(1u, 0.0);
    next_put(2u, correction1);
    next_put(3u, correction2);
    return;
  }
  let grows = steps >= shape.interval;
  // The largest power of two is 2^127.
  next_put(0u, select(scale, 2.0 * scale, grows && scale < 1.0e38));
  next_put(1u, select(steps, 0.0, grows));
  next_put(2u, correction1 + shape.rest1 * (1.0 - correction1));
  next_put(3u, correction2 + shape.rest2 * (1.0 - correction2));
}
