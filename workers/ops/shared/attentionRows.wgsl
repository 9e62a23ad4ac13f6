// Where queries, keys and values of a head lie: qkv is (tokens, C + 2K), or with POOLED q is (targets, C) and kv (tokens, 2K). VEC: a
// head's size divides by four. shape.headSize numbers a head, shape.columns = C of the query heads, shape.keyColumns = K of the heads
// of keys, each of which serves shape.sharing query heads, one after another.
fn inHead(quad: u32, part: u32) -> bool { return quad * 4u + part < shape.headSize; }

fn queryBegin(row: u32, head: u32) -> u32 {
//@if POOLED
  return row * shape.columns + head * shape.headSize;
//@else
  return row * (shape.columns + 2u * shape.keyColumns) + head * shape.headSize;
//@end
}

// Of a head of keys.
fn keyBegin(row: u32, head: u32) -> u32 {
//@if POOLED
  return row * 2u * shape.keyColumns + head * shape.headSize;
//@else
  return row * (shape.columns + 2u * shape.keyColumns) + shape.columns + head * shape.headSize;
//@end
}

// The first row that a row of a sequence sees, and one past the last that sees it: shape.window rows at most, itself included.
fn firstSeen(row: u32, start: u32) -> u32 { return max(start, row - min(row, shape.window - 1u)); }

fn endOfSeeing(row: u32, end: u32) -> u32 { return row + min(end - row, shape.window); }

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
  return keyQuad(begin + shape.keyColumns, quad);
}

// exp for a difference from a maximum: never above 0, and 0 far below.
fn decay(x: f32) -> f32 {
  return select(exp(max(x, -80.0)), 0.0, x < -80.0);
}

fn total(value: vec4f) -> f32 {
  return value.x + value.y + value.z + value.w;
}
