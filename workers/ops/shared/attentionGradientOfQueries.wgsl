// dq = sum over keys of ds k, with p = exp(score - logSumExp), ds = p (dout.v - dout.out) scale. LANES threads share a query row of a head.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let item = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = item < rows * shape.heads;
  let head = select(0u, item / rows, present);
  let row = select(0u, item % rows, present);
//@if POOLED
  let own = pooledRows_at(row);
  let first = firstSeen(own, starts_at(row));
//@else
  let own = row;
  let first = firstSeen(own, offsets_at(segments_at(row)));
//@end
  let end = select(first, own + 1u, present);
  let begin = queryBegin(row, head);
  let outputFrom = outputBegin(row, head);
  var deltas = vec4f();
//@each c QUADS
  let q$c = queryQuad(begin, $cu) * shape.scale;
  let dout$c = doutQuad(outputFrom, $cu);
  deltas += dout$c * outQuad(outputFrom, $cu);
  var dq$c = vec4f();
//@end
  let delta = total(deltas);
  let logSum = logSumExp_at(row * shape.heads + head);
  for (var key = first + lane; key < end; key += LANES) {
    let rowAt = keyBegin(key, head / shape.sharing);
    var scores = vec4f();
    var slopes = vec4f();
//@each c QUADS
    let k$c = keyQuad(rowAt, $cu);
    scores += q$c * k$c;
    slopes += dout$c * valueQuad(rowAt, $cu);
//@end
    let ds = decay(total(scores) - logSum) * (total(slopes) - delta) * shape.scale;
//@each c QUADS
    dq$c += ds * k$c;
//@end
  }
//@each c QUADS
  let sum$c = laneSum(dq$c, thread);
  if (present && lane == 0u) { write(begin, $cu, sum$c); }
//@end
}
