// By the bits of the exponent: WGSL may take for granted that infinities and NaN do not occur.
fn isFinite(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

// In a variable, because a constant infinity is an error.
fn infinity() -> f32 {
  var bits = 0x7f800000u;
  return bitcast<f32>(bits);
}
