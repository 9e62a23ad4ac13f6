// Four numbers of a block of 32, the `i`th four of their matrix; see quantisedBlocks.ts. Shifts, because what unpacks four bytes
// in one step is not everywhere.
fn int8Four(word: u32, scales: u32, i: u32) -> vec4f {
  let numbers = bitcast<vec4i>(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
  return vec4f(numbers) * unpack2x16float(scales >> ((i & 8u) << 1u)).x;
}

fn int4Four(word: u32, scaleAndMinimum: u32, i: u32) -> vec4f {
  let numbers = (vec4u(word >> ((i & 1u) << 4u)) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
  let pair = unpack2x16float(scaleAndMinimum);
  return vec4f(numbers) * pair.x + pair.y;
}
