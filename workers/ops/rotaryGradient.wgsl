// dq, dk and dv out of dy, pairs of q and k turned back. A thread makes one pair, or four; shape.half counts a head's pairs so.
fn gradientAt(i: u32) -> Numbers {
//@if VEC
  return dy_4(i);
//@else
  return dy_at(i);
//@end
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let unit = groupIndex(group, groups) * 64u + lane;
  let units = (shape.heads + 2u * shape.kvHeads) * shape.half;
  let row = unit / units;
  if (row >= extent(shape.rowCount)) { return; }
  let head = (unit % units) / shape.half;
  let pair = unit % shape.half;
  let size = 2u * shape.half;
  let at = 2u * row * units + head * size + pair;
  let a = gradientAt(at);
  let b = gradientAt(at + shape.half);
//@if KEYS
  if (head >= shape.heads + shape.kvHeads) {
    let to = (row * shape.kvHeads + head - shape.heads - shape.kvHeads) * size + pair;
    dv_put(to, a);
    dv_put(to + shape.half, b);
    return;
  }
//@end
  let turn = turnOf(positionOf(row), pair);
  let first = a * turn.cosine + b * turn.sine;
  let second = b * turn.cosine - a * turn.sine;
//@if QUERIES
  if (head < shape.heads) {
    let to = (row * shape.heads + head) * size + pair;
    dq_put(to, first);
    dq_put(to + shape.half, second);
  }
//@end
//@if KEYS
  if (head >= shape.heads) {
    let to = (row * shape.kvHeads + head - shape.heads) * size + pair;
    dk_put(to, first);
    dk_put(to + shape.half, second);
  }
//@end
}
