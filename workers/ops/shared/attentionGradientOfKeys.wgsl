// dk = sum over the queries that see this key, of every head that it serves, of ds q, dv = sum of p dout. LANES threads share a key row
// of a head and its queries.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let item = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = item < rows * (shape.heads / shape.sharing);
  let head = select(0u, item / rows, present);
  let row = select(0u, item % rows, present);
//@if POOLED
  let first = targets_at(2u * row);
  var end = first;
  if (present) {
    end = targets_at(2u * row + 1u);
    while (end > first && pooledRows_at(end - 1u) - row >= shape.window) { end--; }
  }
//@else
  let first = row;
  let end = select(first, endOfSeeing(row, offsets_at(segments_at(row) + 1u)), present);
//@end
  let begin = keyBegin(row, head);
//@each c QUADS
  let k$c = keyQuad(begin, $cu) * shape.scale;
  let v$c = valueQuad(begin, $cu);
  var dk$c = vec4f();
  var dv$c = vec4f();
//@end
  for (var queryHead = head * shape.sharing; queryHead < (head + 1u) * shape.sharing; queryHead++) {
    for (var query = first + lane; query < end; query += LANES) {
      let rowAt = queryBegin(query, queryHead);
      let outputFrom = outputBegin(query, queryHead);
      var scores = vec4f();
      var slopes = vec4f();
//@each c QUADS
      let q$c = queryQuad(rowAt, $cu);
      let dout$c = doutQuad(outputFrom, $cu);
      scores += q$c * k$c;
      slopes += dout$c * (v$c - outQuad(outputFrom, $cu));
//@end
      let p = decay(total(scores) - logSumExp_at(query * shape.heads + queryHead));
      let ds = p * total(slopes) * shape.scale;
//@each c QUADS
      dk$c += ds * q$c;
      dv$c += p * dout$c;
//@end
    }
  }
//@each c QUADS
  let dkSum$c = laneSum(dk$c, thread);
  let dvSum$c = laneSum(dv$c, thread);
  if (present && lane == 0u) {
    write(begin, $cu, dkSum$c);
    write(begin + shape.keyColumns, $cu, dvSum$c);
  }
//@end
}
