// q | k | v side by side, pairs of q and k turned. A thread makes one pair, or four; shape.half counts a head's pairs so.
struct Pair { a: Numbers, b: Numbers }

//@if QUERIES
fn queryPair(i: u32) -> Pair {
//@if VEC
  return Pair(q_4(i), q_4(i + shape.half));
//@else
  return Pair(q_at(i), q_at(i + shape.half));
//@end
}
//@end

//@if KEYS
fn keyPair(i: u32) -> Pair {
//@if VEC
  return Pair(k_4(i), k_4(i + shape.half));
//@else
  return Pair(k_at(i), k_at(i + shape.half));
//@end
}

fn valuePair(i: u32) -> Pair {
//@if VEC
  return Pair(v_4(i), v_4(i + shape.half));
//@else
  return Pair(v_at(i), v_at(i + shape.half));
//@end
}
//@end

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let unit = groupIndex(group, groups) * 64u + lane;
  let units = (shape.heads + 2u * shape.kvHeads) * shape.half;
  let row = unit / units;
  if (row >= extent(shape.rowCount)) { return; }
  let head = (unit % units) / shape.half;
  let pair = unit % shape.half;
  let size = 2u * shape.half;
  let to = 2u * row * units + head * size + pair;
  var found: Pair;
//@if QUERIES
  if (head < shape.heads) { found = queryPair((row * shape.heads + head) * size + pair); }
//@end
//@if KEYS
  if (head >= shape.heads) {
    let key = head - shape.heads;
    if (key < shape.kvHeads) {
      found = keyPair((row * shape.kvHeads + key) * size + pair);
    } else {
      let value = valuePair((row * shape.kvHeads + key - shape.kvHeads) * size + pair);
      y_put(to, value.a);
      y_put(to + shape.half, value.b);
      return;
    }
  }
//@end
  let turn = turnOf(positionOf(row), pair);
  y_put(to, found.a * turn.cosine - found.b * turn.sine);
  y_put(to + shape.half, found.b * turn.cosine + found.a * turn.sine);
}
