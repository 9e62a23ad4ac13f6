// gelu_new: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). The clamp is for adapters whose tanh overflows; tanh(9) is 1 in f32.
fn geluTanh(x: vec4f) -> vec4f {
  return tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4f(-9.0), vec4f(9.0)));
}

fn geluValue(x: vec4f) -> vec4f {
  return 0.5 * x * (1.0 + geluTanh(x));
}

fn geluSlope(x: vec4f) -> vec4f {
  let t = geluTanh(x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x);
}
