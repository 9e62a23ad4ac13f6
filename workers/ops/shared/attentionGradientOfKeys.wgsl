// dk = sum over the queries that see this key of ds q, dv = sum of p dout. LANES threads share a key row of a head and its queries.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let item = groupIndex(group, groups) * (64u / LANES) + thread / LANES;
  let lane = thread % LANES;
  let present = item < rows * shape.heads;
  let head = select(0u, item / rows, present);
  let row = select(0u, item % rows, present);
  let segment = segments_at(row);
//@if POOLED
  let first = segment;
  let end = select(first, first + 1u, present && row <= pooledRows_at(segment));
//@else
  let first = row;
  let end = select(first, offsets_at(segment + 1u), present);
//@end
  let begin = keyBegin(row, head);
//@each c QUADS
  let k$c = keyQuad(begin, $cu) * shape.scale;
  let v$c = valueQuad(begin, $cu);
  var dk$c = vec4f();
  var dv$c = vec4f();
//@end
  for (var query = first + lane; query < end; query += LANES) {
    let rowAt = queryBegin(query, head);
    let outputFrom = outputBegin(query, head);
    var scores = vec4f();
    var slopes = vec4f();
//@each c QUADS
    let q$c = queryQuad(rowAt, $cu);
    let dout$c = doutQuad(outputFrom, $cu);
    scores += q$c * k$c;
    slopes += dout$c * (v$c - outQuad(outputFrom, $cu));
//@end
    let p = decay(total(scores) - logSumExp_at(query * shape.heads + head));
    let ds = p * total(slopes) * shape.scale;
//@each c QUADS
    dk$c += ds * q$c;
    dv$c += p * dout$c;
//@end
  }
//@each c QUADS
  let dkSum$c = laneSum(dk$c, thread);
  let dvSum$c = laneSum(dv$c, thread);
  if (present && lane == 0u) {
    write(begin, $cu, dkSum$c);
    write(begin + shape.columns, $cu, dvSum$c);
  }
//@end
}
