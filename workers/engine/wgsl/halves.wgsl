// Four numbers as float16, two in a word. What float16 cannot hold becomes infinity by its bits: pack2x16float leaves it
// undefined, and the loss scale is lowered when an infinity is found.
fn packHalves(value: vec4f) -> vec2u {
  let bits = bitcast<vec4u>(value);
  let exceeds = (bits & vec4u(0x7fffffffu)) >= vec4u(0x477ff000u);
  let inside = select(value, vec4f(), exceeds);
  let infinite = select(vec4u(), ((bits >> vec4u(16u)) & vec4u(0x8000u)) | vec4u(0x7c00u), exceeds);
  return vec2u(
    pack2x16float(inside.xy) | infinite.x | (infinite.y << 16u),
    pack2x16float(inside.zw) | infinite.z | (infinite.w << 16u));
}
