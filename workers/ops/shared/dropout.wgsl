// The same functions as engine/dropout.ts, bit for bit.
fn mix32(value: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}

fn dropoutKey() -> u32 {
  return mix32(batch.dropoutSeed ^ ((shape.site + 1u) * 0x9e3779b9u));
}

// 1 / (1 - p) where the element is kept, else 0.
fn keepFactor(key: u32, index: u32) -> f32 {
  let kept = (mix32(mix32(index ^ key) + key) >> 8u) >= shape.threshold;
  return select(0.0, shape.keepScale, kept);
}
