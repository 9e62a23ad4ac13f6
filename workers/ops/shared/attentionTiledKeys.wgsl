// dk = sum over the queries that see a key of ds q, dv = sum of p dout, with p and ds as in attentionTiledQueries.wgsl. Own rows are keys,
// the stream is queries from the tile's first row on up to the end of its last row's sequence; see attentionTiles.wgsl.
// dout.out of a query is summed by the threads that load its dout: one multiply-add a number, where the products take four for each own row.
var<workgroup> partials: array<f32, 256>;

fn loadOwn(begin: u32, last: u32, head: u32, chunk: u32, ofScores: bool, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  for (var i = 0u; i < ROWS; i++) {
    let slot = i * 8u + thread / 8u;
    let begins = keyBegin(min(begin + slot, last), head) + select(shape.columns, 0u, ofScores);
    ownTile[ownAt(slot, thread % 8u)] = keyQuad(begins, quad);
  }
}

fn loadQueries(begin: u32, last: u32, head: u32, chunk: u32, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  for (var i = 0u; i < 4u; i++) {
    let slot = i * 8u + thread / 8u;
    streamTile[streamAt(slot, thread % 8u)] = queryQuad(queryBegin(min(begin + slot, last), head), quad);
  }
}

fn loadOutputGradients(begin: u32, last: u32, head: u32, chunk: u32, thread: u32) {
  let quad = min(chunk * 8u + thread % 8u, QUADS - 1u);
  for (var i = 0u; i < 4u; i++) {
    let slot = i * 8u + thread / 8u;
    streamTile[streamAt(slot, thread % 8u)] = doutQuad(outputBegin(min(begin + slot, last), head), quad);
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
  let lastQuery = offsets_at(segments_at(last) + 1u) - 1u;
  let across = thread % 8u;
  let down = thread / 8u;
//@each i ROWS
  let slot$i = down * ROWS + $iu;
  let row$i = begin + slot$i;
  let end$i = offsets_at(segments_at(min(row$i, last)) + 1u);
//@each g CHUNKS
  var dk$i_$g = vec4f();
  var dv$i_$g = vec4f();
//@end
//@end

  for (var queries = begin; queries <= lastQuery; queries += 32u) {
//@each i ROWS
    var slopes$i = vec4f();
    var scores$i = vec4f();
//@end
    var shares = vec4f();
    // Slopes dout.v first, then scores; the last chunk of queries to come is the first that the sums need.
    for (var step = 0u; step < 2u * CHUNKS; step++) {
      let ofScores = step >= CHUNKS;
      let chunk = CHUNKS - 1u - step % CHUNKS;
      workgroupBarrier();
      loadOwn(begin, last, head, chunk, ofScores, thread);
      if (ofScores) {
        loadQueries(queries, lastQuery, head, chunk, thread);
      } else {
        loadOutputGradients(queries, lastQuery, head, chunk, thread);
        let quad = chunk * 8u + across;
        if (quad < QUADS) {
//@each s 4
          shares[$s] += dot(streamTile[streamAt($su * 8u + down, across)],
            outQuad(outputBegin(min(queries + $su * 8u + down, lastQuery), head), quad));
//@end
        }
      }
      workgroupBarrier();
      if (step == CHUNKS) {
//@each i ROWS
        slopes$i = scores$i;
        scores$i = vec4f();
//@end
      }
      let quads = min(8u, QUADS - chunk * 8u);
      for (var c = 0u; c < quads; c++) {
//@each j 4
        let stream$j = streamTile[streamAt(across * 4u + $ju, c)];
//@end
//@each i ROWS
        let own$i = ownTile[ownAt(slot$i, c)];
        scores$i += vec4f(dot(own$i, stream0), dot(own$i, stream1), dot(own$i, stream2), dot(own$i, stream3));
//@end
      }
    }

//@each s 4
    partials[($su * 8u + down) * 8u + across] = shares[$s];
//@end
    workgroupBarrier();
    var delta = vec4f();
    for (var other = 0u; other < 8u; other++) {
      // Each thread begins elsewhere, so that they meet different banks.
      let begins = across * 32u + (other + across) % 8u;
      delta += vec4f(partials[begins], partials[begins + 8u], partials[begins + 16u], partials[begins + 24u]);
    }
    let query = vec4u(queries + across * 4u) + vec4u(0u, 1u, 2u, 3u);
    let sums = min(query, vec4u(lastQuery)) * shape.heads + head;
    let logSum = vec4f(logSumExp_at(sums.x), logSumExp_at(sums.y), logSumExp_at(sums.z), logSumExp_at(sums.w));
//@each i ROWS
    let seen$i = (query >= vec4u(row$i)) & (query < vec4u(end$i));
    let p$i = select(vec4f(), decay4(scores$i * shape.scale - logSum), seen$i);
    weightTile[ownAt(slot$i, across)] = p$i * (slopes$i - delta) * shape.scale;
//@end

    let queryQuads = min(8u, (lastQuery - queries) / 4u + 1u);
//@each g CHUNKS
    workgroupBarrier();
    if ($gu > 0u) {
      loadQueries(queries, lastQuery, head, $gu, thread);
      workgroupBarrier();
    }
    for (var k = 0u; k < queryQuads; k++) {
//@each j 4
      let query$j = streamTile[streamAt(k * 4u + $ju, across)];
//@end
//@each i ROWS
      let weight$i = weightTile[ownAt(slot$i, k)];
      dk$i_$g += weight$i.x * query0 + weight$i.y * query1 + weight$i.z * query2 + weight$i.w * query3;
//@end
    }
//@end
    workgroupBarrier();
//@each i ROWS
    weightTile[ownAt(slot$i, across)] = p$i;
//@end
//@each g CHUNKS
    if ($gu > 0u) { workgroupBarrier(); }
    loadOutputGradients(queries, lastQuery, head, $gu, thread);
    workgroupBarrier();
    for (var k = 0u; k < queryQuads; k++) {
//@each j 4
      let dout$j = streamTile[streamAt(k * 4u + $ju, across)];
//@end
//@each i ROWS
      let weight$i = weightTile[ownAt(slot$i, k)];
      dv$i_$g += weight$i.x * dout0 + weight$i.y * dout1 + weight$i.z * dout2 + weight$i.w * dout3;
//@end
    }
//@end
  }

//@each i ROWS
  if (row$i <= last) {
    let to = keyBegin(row$i, head);
//@each g CHUNKS
    if ($gu * 8u + across < QUADS) {
      write(to, $gu * 8u + across, dk$i_$g);
      write(to + shape.columns, $gu * 8u + across, dv$i_$g);
    }
//@end
  }
//@end
}
