// Gradient of the output and the output itself, for a query row of one head.
fn outputBegin(row: u32, head: u32) -> u32 {
  return row * shape.columns + head * shape.headSize;
}

fn doutQuad(begin: u32, quad: u32) -> vec4f {
//@if VEC
  return dout_4(begin / 4u + quad);
//@else
  let at = begin + quad * 4u;
  var value = vec4f();
  if (inHead(quad, 0u)) { value.x = dout_at(at); }
  if (inHead(quad, 1u)) { value.y = dout_at(at + 1u); }
  if (inHead(quad, 2u)) { value.z = dout_at(at + 2u); }
  if (inHead(quad, 3u)) { value.w = dout_at(at + 3u); }
  return value;
//@end
}

fn outQuad(begin: u32, quad: u32) -> vec4f {
//@if VEC
  return out_4(begin / 4u + quad);
//@else
  let at = begin + quad * 4u;
  var value = vec4f();
  if (inHead(quad, 0u)) { value.x = out_at(at); }
  if (inHead(quad, 1u)) { value.y = out_at(at + 1u); }
  if (inHead(quad, 2u)) { value.z = out_at(at + 2u); }
  if (inHead(quad, 3u)) { value.w = out_at(at + 3u); }
  return value;
//@end
}

fn write(begin: u32, quad: u32, value: vec4f) {
//@if VEC
  gradient_put(begin / 4u + quad, value);
//@else
//@each i FOUR
  if (inHead(quad, $iu)) { gradient_put(begin + quad * 4u + $iu, value[$i]); }
//@end
//@end
}
