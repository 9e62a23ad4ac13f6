// A workgroup for each new row and head: 64 keys at a time, each scored by a thread; then each thread mixes its numbers of the
// values. Online softmax: Milakov & Gimelshein 2018.
var<workgroup> query: array<f32, MOST>;
var<workgroup> shares: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = groupIndex(group, groups);
  let row = index / shape.heads;
  let head = index % shape.heads;
  if (row >= extent(shape.rows)) { return; }
  let segment = rowSegments_at(row);
  let base = places_at(2u * segment);
  let position = places_at(2u * segment + 1u) + row - segmentOffsets_at(segment);
  let hidden = select(0u, position + 1u - shape.window, shape.window > 0u && position + 1u > shape.window);
  let keyAt = head / (shape.heads / shape.kvHeads) * shape.size;
  let valueAt = keyAt + shape.kvHeads * shape.size;
  for (var d = thread; d < shape.size; d += 64u) {
    query[d] = shape.scale * qkv_at(row * shape.columns + head * shape.size + d);
  }
  workgroupBarrier();
  var highest = -3.0e38;
  var total = 0.0;
//@each p PARTS
  var mixed$p = 0.0;
//@end
  for (var first = hidden; first <= position; first += 64u) {
    let key = first + thread;
    let present = key <= position;
    var score = -3.0e38;
    if (present) {
      let begin = (base + key) * shape.width + keyAt;
      var sum = 0.0;
      for (var d = 0u; d < shape.size; d++) { sum += query[d] * kept_at(begin + d); }
      score = sum;
    }
    let top = max(highest, workgroupMax(score, thread));
    var share = 0.0;
    if (present) { share = exp(score - top); }
    var correction = 0.0;
    if (first > hidden) { correction = exp(highest - top); }
    total = total * correction + workgroupSum(share, thread);
    highest = top;
    shares[thread] = share;
    workgroupBarrier();
    let count = min(64u, position + 1u - first);
//@each p PARTS
    if (thread + $pu * 64u < shape.size) {
      var sum = mixed$p * correction;
      let begin = (base + first) * shape.width + valueAt + thread + $pu * 64u;
      for (var k = 0u; k < count; k++) { sum += shares[k] * kept_at(begin + k * shape.width); }
      mixed$p = sum;
    }
//@end
    workgroupBarrier();
  }
//@each p PARTS
  if (thread + $pu * 64u < shape.size) {
    out_put((row * shape.heads + head) * shape.size + thread + $pu * 64u, mixed$p / total);
  }
//@end
}
