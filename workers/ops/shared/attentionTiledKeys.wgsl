// dk = sum over the queries that see a key of ds q, dv = sum of p dout, with p and ds as in attentionTiledQueries.wgsl. Own rows are keys,
// the stream is the gradient of outputs, queries for the scores, queries and gradients once more, of one query head that the keys serve
// after another, from the tile's first row on up to the last that sees its last row; see attentionTiles.wgsl. dout.out of a query is summed by the threads that load its dout: one
// multiply-add a number, where the products take four for each own row.
var<workgroup> partials: array<f32, 256>;

fn loadOwn(begin: u32, last: u32, keyHead: u32, chunk: u32, ofSlopes: bool, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  let part = select(0u, shape.keyColumns, ofSlopes);
  for (var i = 0u; i < ROWS; i++) {
    let slot = i * 8u + thread / 8u;
    ownTile[ownAt(slot, thread % 8u)] = keyQuad(keyBegin(min(begin + slot, last), keyHead) + part, quad);
  }
}

// Returns, where asked, this thread's shares of dout.out of the four rows that it loads.
fn loadStream(begin: u32, last: u32, head: u32, chunk: u32, ofOutputs: bool, withShares: bool, thread: u32) -> vec4f {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  let counts = withShares && quad == chunk * 8u + thread % 8u;
  var shares = vec4f();
//@each i 4
  let slot$i = $iu * 8u + thread / 8u;
  let row$i = min(begin + slot$i, last);
  var value$i = vec4f();
  if (ofOutputs) { value$i = doutQuad(outputBegin(row$i, head), quad); } else { value$i = queryQuad(queryBegin(row$i, head), quad); }
  if (counts) { shares[$i] = dot(value$i, outQuad(outputBegin(row$i, head), quad)); }
  streamTile[streamAt(slot$i, thread % 8u)] = value$i;
//@end
  return shares;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = extent(shape.rows);
  let tiles = (rows + OWN - 1u) / OWN;
  let item = groupIndex(group, groups);
  if (item >= tiles * (shape.heads / shape.sharing)) { return; }
  let keyHead = item / tiles;
  let begin = (item % tiles) * OWN;
  let last = min(begin + OWN, rows) - 1u;
  let lastQuery = endOfSeeing(last, offsets_at(segments_at(last) + 1u)) - 1u;
  let across = thread % 8u;
  let down = thread / 8u;
//@each i ROWS
  let slot$i = down * ROWS + $iu;
  let row$i = begin + slot$i;
  let end$i = endOfSeeing(min(row$i, last), offsets_at(segments_at(min(row$i, last)) + 1u));
//@each g CHUNKS
  var dk$i_$g = vec4f();
  var dv$i_$g = vec4f();
//@end
//@end

  // Blocks of 32 queries of a head, then those of the next.
  let blocks = (lastQuery - begin) / 32u + 1u;
  for (var block = 0u; block < blocks * shape.sharing; block++) {
    let head = keyHead * shape.sharing + block / blocks;
    let queries = begin + block % blocks * 32u;
    let query = vec4u(queries + across * 4u) + vec4u(0u, 1u, 2u, 3u);
    let streamQuads = min(8u, (lastQuery - queries) / 4u + 1u);
    var shares = vec4f();
//@each i ROWS
    var slopes$i = vec4f();
    var products$i = vec4f();
//@end
    for (var step = 0u; step < 4u * CHUNKS; step++) {
      let ofSlopes = step < CHUNKS;
      let ofSums = step >= 2u * CHUNKS;
      let ofValues = step >= 3u * CHUNKS;
      // Scores end with chunk 0, so that the sums, which begin with it, find it in place.
      let chunk = select(CHUNKS - 1u - step % CHUNKS, step % CHUNKS, ofSums);
      workgroupBarrier();
      if (!ofSums) { loadOwn(begin, last, keyHead, chunk, ofSlopes, thread); }
      if (step != 2u * CHUNKS) { shares += loadStream(queries, lastQuery, head, chunk, ofSlopes || ofValues, ofSlopes, thread); }
      if (step == 3u * CHUNKS) {
        // Scores have become p.
//@each i ROWS
        weightTile[ownAt(slot$i, across)] = products$i;
//@end
      }
      workgroupBarrier();
      if (!ofSums) {
//@products
      } else {
//@sums
//@each g CHUNKS
        if (chunk == $gu) {
//@each i ROWS
          if (ofValues) { dv$i_$g += part$i; } else { dk$i_$g += part$i; }
//@end
        }
//@end
      }
      if (step + 1u == CHUNKS) {
//@each i ROWS
        slopes$i = products$i;
        products$i = vec4f();
//@end
//@each s 4
        partials[($su * 8u + down) * 8u + across] = shares[$s];
//@end
      }
      if (step + 1u == 2u * CHUNKS) {
        var delta = vec4f();
        for (var other = 0u; other < 8u; other++) {
          // Each thread begins elsewhere, so that they meet different banks.
          let place = across * 32u + (other + across) % 8u;
          delta += vec4f(partials[place], partials[place + 8u], partials[place + 16u], partials[place + 24u]);
        }
        let sums = min(query, vec4u(lastQuery)) * shape.heads + head;
        let logSum = vec4f(logSumExp_at(sums.x), logSumExp_at(sums.y), logSumExp_at(sums.z), logSumExp_at(sums.w));
//@each i ROWS
        let seen$i = (query >= vec4u(row$i)) & (query < vec4u(end$i));
        products$i = select(vec4f(), decay4(products$i * shape.scale - logSum), seen$i);
        weightTile[ownAt(slot$i, across)] = products$i * (slopes$i - delta) * shape.scale;
//@end
      }
    }
  }

//@each i ROWS
  if (row$i <= last) {
    let to = keyBegin(row$i, keyHead);
//@each g CHUNKS
    if ($gu * 8u + across < QUADS) {
      write(to, $gu * 8u + across, dk$i_$g);
      write(to + shape.keyColumns, $gu * 8u + across, dv$i_$g);
    }
//@end
  }
//@end
}
