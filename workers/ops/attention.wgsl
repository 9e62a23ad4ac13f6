// Causal attention over packed rows with online softmax. LANES threads share a query row of one head: each takes every LANES-th key with
// a maximum and a sum of its own, and all are merged at the end. logSumExp is kept for the backward pass.
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
//@if BRANCHES
  // From here the row sees its own branch; what lies between is passed over.
  let prefixEnd = min(branches_at(2u * own), own);
  let skipped = max(min(branches_at(2u * own + 1u), own), prefixEnd) - prefixEnd;
  let end = select(first, own + 1u - skipped, present);
//@else
  let end = select(first, own + 1u, present);
//@end
  let keyHead = head / shape.sharing;
  let begin = queryBegin(row, head);
//@each c QUADS
  let q$c = queryQuad(begin, $cu) * shape.scale;
  var sum$c = vec4f();
//@end
  var highest = -1.0e30;
  var weights = 0.0;
  for (var place = first + lane; place < end; place += LANES) {
//@if BRANCHES
    let rowAt = keyBegin(select(place, place + skipped, place >= prefixEnd), keyHead);
//@else
    let rowAt = keyBegin(place, keyHead);
//@end
    var products = vec4f();
//@each c QUADS
    products += q$c * keyQuad(rowAt, $cu);
//@end
    let score = total(products);
    let next = max(highest, score);
    let kept = decay(highest - next);
    let weight = decay(score - next);
    weights = weights * kept + weight;
//@each c QUADS
    sum$c = sum$c * kept + weight * valueQuad(rowAt, $cu);
//@end
    highest = next;
  }

  laneStates[thread] = vec2f(highest, weights);
  workgroupBarrier();
  let base = thread - lane;
  var top = highest;
  for (var i = 0u; i < LANES; i++) { top = max(top, laneStates[base + i].x); }
  var allWeights = 0.0;
  for (var i = 0u; i < LANES; i++) { allWeights += laneStates[base + i].y * decay(laneStates[base + i].x - top); }
  let factor = decay(highest - top) / allWeights;
  let writes = present && lane == 0u;
//@each c QUADS
  let out$c = laneSum(sum$c * factor, thread);
  if (writes) { write(row * shape.columns + head * shape.headSize, $cu, out$c); }
//@end
  if (writes) { logSumExp_put(row * shape.heads + head, top + log(allWeights)); }
}

var<workgroup> laneStates: array<vec2f, 64>;

fn write(begin: u32, quad: u32, value: vec4f) {
//@if VEC
  out_put(begin / 4u + quad, value);
//@else
//@each i FOUR
  if (inHead(quad, $iu)) { out_put(begin + quad * 4u + $iu, value[$i]); }
//@end
//@end
}
