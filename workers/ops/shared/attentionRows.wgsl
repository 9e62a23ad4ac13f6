// Where queries, keys and values of a head lie: qkv is (tokens, 3C), or with POOLED q is (sequences, C) and kv (tokens, 2C). VEC: a
// head's size divides by four. shape.headSize numbers a head, shape.columns = C.
fn inHead(quad: u32, part: u32) -> bool { return quad * 4u + part < shape.headSize; }

fn queryBegin(row: u32, head: u32) -> u32 {
//@if POOLED
  return row * shape.columns + head * shape.headSize;
//@else
  return row * 3u * shape.columns + head * shape.headSize;
//@end
}

fn keyBegin(row: u32, head: u32) -> u32 {
//@if POOLED
  return row * 2u * shape.columns + head * shape.headSize;
//@else
  return (row * 3u + 1u) * shape.columns + head * shape.headSize;
//@end
}

fn queryQuad(begin: u32, quad: u32) -> vec4f {
//@if POOLED
//@if VEC
  return q_4(begin / 4u + quad);
//@else
  let at = begin + quad * 4u;
  var value = vec4f();
  if (inHead(quad, 0u)) { value.x = q_at(at); }
  if (inHead(quad, 1u)) { value.y = q_at(at + 1u); }
  if (inHead(quad, 2u)) { value.z = q_at(at + 2u); }
  if (inHead(quad, 3u)) { value.w = q_at(at + 3u); }
  return value;
//@end
//@else
  return keyQuad(begin, quad);
//@end
}

fn keyQuad(begin: u32, quad: u32) -> vec4f {
//@if VEC
  return kv_4(begin / 4u + quad);
//@else
  let at = begin + quad * 4u;
  var value = vec4f();
  if (inHead(quad, 0u)) { value.x = kv_at(at); }
  if (inHead(quad, 1u)) { value.y = kv_at(at + 1u); }
  if (inHead(quad, 2u)) { value.z = kv_at(at + 2u); }
  if (inHead(quad, 3u)) { value.w = kv_at(at + 3u); }
  return value;
//@end
}

fn valueQuad(begin: u32, quad: u32) -> vec4f {
  return keyQuad(begin + shape.columns, quad);
}

// exp for a difference from a maximum: never above 0, and 0 far below.
fn decay(x: f32) -> f32 {
  return select(exp(max(x, -80.0)), 0.0, x < -80.0);
}

fn total(value: vec4f) -> f32 {
  return value.x + value.y + value.z + value.w;
}
