// Attention in the manner of FlashAttention-2 (Dao 2023): own rows are queries, the stream is keys and then values; see attentionTiles.wgsl.
// A tile visits the keys from the first that its first row sees up to its last row; later ones are never read.
var<workgroup> partials: array<f32, OWN * 8u>;

fn loadOwn(begin: u32, last: u32, head: u32, chunk: u32, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  for (var i = 0u; i < ROWS; i++) {
    let slot = i * 8u + thread / 8u;
    ownTile[ownAt(slot, thread % 8u)] = queryQuad(queryBegin(min(begin + slot, last), head), quad);
  }
}

fn loadStream(begin: u32, last: u32, head: u32, chunk: u32, ofScores: bool, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  let part = select(shape.keyColumns, 0u, ofScores);
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
  let first$i = firstSeen(row$i, offsets_at(segments_at(min(row$i, last))));
  var highest$i = -1.0e30;
  var weights$i = 0.0;
//@each g CHUNKS
  var sum$i_$g = vec4f();
//@end
//@end

  for (var keys = firstSeen(begin, offsets_at(segments_at(begin))); keys <= last; keys += 32u) {
    let key = vec4u(keys + across * 4u) + vec4u(0u, 1u, 2u, 3u);
    let streamQuads = min(8u, (last - keys) / 4u + 1u);
//@each i ROWS
    var products$i = vec4f();
//@end
    for (var step = 0u; step < 2u * CHUNKS; step++) {
      let ofScores = step < CHUNKS;
      let chunk = step % CHUNKS;
      workgroupBarrier();
      if (ofScores) { loadOwn(begin, last, head, chunk, thread); }
      loadStream(keys, last, head, chunk, ofScores, thread);
      workgroupBarrier();
      if (ofScores) {
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
        let seen$i = (key >= vec4u(first$i)) & (key <= vec4u(row$i));
        let masked$i = select(vec4f(-1.0e30), products$i * shape.scale, seen$i);
        partials[slot$i * 8u + across] = highestOf(masked$i);
//@end
        workgroupBarrier();
//@each i ROWS
        var next$i = highest$i;
        for (var other = 0u; other < 8u; other++) { next$i = max(next$i, partials[slot$i * 8u + other]); }
        let p$i = select(vec4f(), decay4(masked$i - next$i), seen$i);
        let kept$i = decay(highest$i - next$i);
        weights$i = weights$i * kept$i + total(p$i);
        highest$i = next$i;
        weightTile[ownAt(slot$i, across)] = p$i;
//@each g CHUNKS
        sum$i_$g *= kept$i;
//@end
//@end
      }
    }
  }

//@each i ROWS
  partials[slot$i * 8u + across] = weights$i;
//@end
  workgroupBarrier();
//@each i ROWS
  var total$i = 0.0;
  for (var other = 0u; other < 8u; other++) { total$i += partials[slot$i * 8u + other]; }
  if (row$i <= last) {
    let to = (row$i * shape.columns + head * shape.headSize) / 4u + across;
//@each g CHUNKS
    if ($gu * 8u + across < QUADS) { out_put(to + $gu * 8u, sum$i_$g / total$i); }
//@end
    if (across == 0u) { logSumExp_put(row$i * shape.heads + head, highest$i + log(total$i)); }
  }
//@end
}
