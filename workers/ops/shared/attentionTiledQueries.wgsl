// dq = sum over keys of ds k, with p = exp(score - logSumExp) and ds = p (dout.v - dout.out) scale. Own rows are queries, the stream is
// values, keys for the scores, and keys once more; see attentionTiles.wgsl. It visits the keys that attentionTiledForward.wgsl visits.
var<workgroup> partials: array<f32, OWN * 8u>;

fn loadOwn(begin: u32, last: u32, head: u32, chunk: u32, ofSlopes: bool, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  for (var i = 0u; i < ROWS; i++) {
    let slot = i * 8u + thread / 8u;
    let row = min(begin + slot, last);
    var value = vec4f();
    if (ofSlopes) { value = doutQuad(outputBegin(row, head), quad); } else { value = queryQuad(queryBegin(row, head), quad); }
    ownTile[ownAt(slot, thread % 8u)] = value;
  }
}

fn loadStream(begin: u32, last: u32, head: u32, chunk: u32, ofSlopes: bool, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  let part = select(0u, shape.keyColumns, ofSlopes);
  for (var i = 0u; i < 4u; i++) {
    let slot = i * 8u + thread / 8u;
    streamTile[streamAt(slot, thread % 8u)] = keyQuad(keyBegin(min(begin + slot, last), head / shape.sharing) + part, quad);
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let tiles = (rows + OWN - 1u) / OWN;
  let item = groupIndex(group, groups);
  if (item >= tiles * shape.heads) { return; }
  let head = item / tiles;
  let begin = (item % tiles) * OWN;
  let last = min(begin + OWN, rows) - 1u;
  let across = thread % 8u;
  let down = thread / 8u;
//@each i ROWS
  let slot$i = down * ROWS + $iu;
  let row$i = begin + slot$i;
  let present$i = min(row$i, last);
  let first$i = firstSeen(present$i, offsets_at(segments_at(present$i)));
  let logSum$i = logSumExp_at(present$i * shape.heads + head);
  var share$i = 0.0;
  for (var quad = across; quad < QUADS; quad += 8u) {
    let output = outputBegin(present$i, head);
    share$i += dot(doutQuad(output, quad), outQuad(output, quad));
  }
  partials[slot$i * 8u + across] = share$i;
//@each g CHUNKS
  var sum$i_$g = vec4f();
//@end
//@end
  workgroupBarrier();
//@each i ROWS
  var delta$i = 0.0;
  for (var other = 0u; other < 8u; other++) { delta$i += partials[slot$i * 8u + other]; }
//@end

  for (var keys = firstSeen(begin, offsets_at(segments_at(begin))); keys <= last; keys += 32u) {
    let key = vec4u(keys + across * 4u) + vec4u(0u, 1u, 2u, 3u);
    let streamQuads = min(8u, (last - keys) / 4u + 1u);
//@each i ROWS
    var slopes$i = vec4f();
    var products$i = vec4f();
//@end
    for (var step = 0u; step < 3u * CHUNKS; step++) {
      let ofSlopes = step < CHUNKS;
      let ofSums = step >= 2u * CHUNKS;
      // Scores end with chunk 0, so that the sums, which begin with it, find it in place.
      let chunk = select(CHUNKS - 1u - step % CHUNKS, step % CHUNKS, ofSums);
      workgroupBarrier();
      if (!ofSums) { loadOwn(begin, last, head, chunk, ofSlopes, thread); }
      if (step != 2u * CHUNKS) { loadStream(keys, last, head, chunk, ofSlopes, thread); }
      workgroupBarrier();
      if (!ofSums) {
//@products
      } else {
//@sums
//@each g CHUNKS
        if (chunk == $gu) {
//@each i ROWS
          sum$i_$g += part$i;
//@end
        }
//@end
      }
      if (step + 1u == CHUNKS) {
//@each i ROWS
        slopes$i = products$i;
        products$i = vec4f();
//@end
      }
      if (step + 1u == 2u * CHUNKS) {
//@each i ROWS
        let seen$i = (key >= vec4u(first$i)) & (key <= vec4u(row$i));
        let p$i = select(vec4f(), decay4(products$i * shape.scale - logSum$i), seen$i);
        weightTile[ownAt(slot$i, across)] = p$i * (slopes$i - delta$i) * shape.scale;
//@end
      }
    }
  }

//@each i ROWS
  if (row$i <= last) {
//@each g CHUNKS
    if ($gu * 8u + across < QUADS) { write(queryBegin(row$i, head), $gu * 8u + across, sum$i_$g); }
//@end
  }
//@end
}
