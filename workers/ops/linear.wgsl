// y = act(x W + bias + drop(scale * low lift)). A thread makes 4 * ROW_QUADS rows by 4 * QUADS columns in named registers.
// Rows and columns past the end are clamped when read and skipped when written. VEC: inner and columns divide by four.
// TILED: x and W pass through workgroup memory, TILE_K of the inner dimension at a time; else straight from the caches.
fn weightQuad(k: u32, column: u32) -> vec4f {
//@if VEC
  return vec4f();
//@else
  let last = shape.columns - 1u;
  let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(last));
//@if TRANSPOSED
  let at = columns * shape.inner + k;
//@else
  let at = columns + k * shape.columns;
//@end
  return vec4f(weight_at(at.x), weight_at(at.y), weight_at(at.z), weight_at(at.w));
//@end
}

// Four rows of W from 4 * k on, four columns from 4 * quad on. Needs VEC.
fn weightBlock(k: u32, quad: u32) -> mat4x4f {
//@if VEC
//@if TRANSPOSED
  let step = shape.inner / 4u;
  let at = quad * 4u * step + k;
  return transpose(mat4x4f(weight_4(at), weight_4(at + step), weight_4(at + 2u * step), weight_4(at + 3u * step)));
//@else
  let step = shape.columns / 4u;
  let at = k * 4u * step + quad;
  return mat4x4f(weight_4(at), weight_4(at + step), weight_4(at + 2u * step), weight_4(at + 3u * step));
//@end
//@else
  return mat4x4f();
//@end
}

//@if LORA
fn liftQuad(k: u32, column: u32) -> vec4f {
//@if LIFT_VEC
  return lift_4((k * shape.columns + min(column, shape.columns - 4u)) / 4u);
//@else
  let last = shape.columns - 1u;
  let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(last));
//@if OUT_RANK
  let at = columns * shape.rank + k;
//@else
  let at = columns + k * shape.columns;
//@end
  return vec4f(lift_at(at.x), lift_at(at.y), lift_at(at.z), lift_at(at.w));
//@end
}
//@end

//@if DROPOUT
fn keepQuad(key: u32, at: u32) -> vec4f {
  return vec4f(keepFactor(key, at), keepFactor(key, at + 1u), keepFactor(key, at + 2u), keepFactor(key, at + 3u));
}
//@end

//@if BIAS
fn biasQuad(column: u32) -> vec4f {
  let last = shape.columns - 1u;
  return vec4f(bias_at(min(column, last)), bias_at(min(column + 1u, last)), bias_at(min(column + 2u, last)), bias_at(min(column + 3u, last)));
}
//@end

fn finish(row: u32, column: u32, value: vec4f) {
  if (row >= extent(shape.rows) || column >= shape.columns) { return; }
  let begin = row * shape.columns + column;
//@if VEC
  let at = begin / 4u;
//@if GELU
  pre_put(at, value);
  y_put(at, geluValue(value));
//@end
//@if GELU_GRADIENT
  y_put(at, value * geluSlope(pre_4(at)));
//@end
//@if LINEAR_END
  y_put(at, value);
//@end
//@else
//@each i FOUR
  if (column + $iu < shape.columns) {
    let at = begin + $iu;
//@if GELU
    pre_put(at, value[$i]);
    y_put(at, geluValue(value)[$i]);
//@end
//@if GELU_GRADIENT
    y_put(at, value[$i] * geluSlope(vec4f(pre_at(at))).x);
//@end
//@if LINEAR_END
    y_put(at, value[$i]);
//@end
  }
//@end
//@end
}

//@if TILED
const TILE_K = 16u;
const K_QUADS = TILE_K / 4u;
const TILE_ROW_QUADS = THREADS_Y * ROW_QUADS;
const TILE_QUADS = THREADS_X * QUADS;
var<workgroup> xTile: array<vec4f, TILE_K * TILE_ROW_QUADS>;
var<workgroup> weightTile: array<vec4f, TILE_K * TILE_QUADS>;

// Fills both tiles, [k][row or column], with zeros past the inner dimension.
fn loadTiles(kBegin: u32, tileRow: u32, tileQuad: u32, lastRow: u32, thread: u32) {
  let step = shape.inner / 4u;
  for (var b = thread; b < TILE_ROW_QUADS * K_QUADS; b += THREADS_X * THREADS_Y) {
    let quad = b / K_QUADS;
    let k = kBegin + b % K_QUADS;
    let row = tileRow + quad * 4u;
    var block = mat4x4f();
    if (k < step) {
      block = transpose(mat4x4f(
        x_4(min(row, lastRow) * step + k), x_4(min(row + 1u, lastRow) * step + k),
        x_4(min(row + 2u, lastRow) * step + k), x_4(min(row + 3u, lastRow) * step + k)));
    }
    let at = (b % K_QUADS) * 4u * TILE_ROW_QUADS + quad;
//@each i FOUR
    xTile[at + $iu * TILE_ROW_QUADS] = block[$i];
//@end
  }
  for (var b = thread; b < TILE_QUADS * K_QUADS; b += THREADS_X * THREADS_Y) {
//@if TRANSPOSED
    let quad = b / K_QUADS;
    let kQuad = b % K_QUADS;
//@else
    let quad = b % TILE_QUADS;
    let kQuad = b / TILE_QUADS;
//@end
    var block = mat4x4f();
    if (kBegin + kQuad < step) { block = weightBlock(kBegin + kQuad, min(tileQuad + quad, shape.columns / 4u - 1u)); }
    let at = kQuad * 4u * TILE_QUADS + quad;
//@each i FOUR
    weightTile[at + $iu * TILE_QUADS] = block[$i];
//@end
  }
}
//@end

@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let rows = extent(shape.rows);
  let lastRow = rows - 1u;
  let tileRow = (group.y + tileOrigin.y) * THREADS_Y * ROW_QUADS * 4u;
  let tileColumn = group.x * THREADS_X * QUADS * 4u;
  let rowBegin = tileRow + thread.y * ROW_QUADS * 4u;
  let columnBegin = tileColumn + thread.x * QUADS * 4u;
//@if !TILED
  if (rowBegin >= rows || columnBegin >= shape.columns) { return; }
//@end
//@each c QUADS
  let column$c = columnBegin + $cu * 4u;
//@end
//@each q ROW_QUADS
//@each i FOUR
  let row$q$i = min(rowBegin + $qu * 4u + $iu, lastRow);
//@each c QUADS
  var sum$q$i_$c = vec4f();
//@end
//@end
//@end

//@if LORA
  for (var k = 0u; k < shape.rank; k++) {
//@each c QUADS
    let lift$c = liftQuad(k, column$c);
//@end
//@each q ROW_QUADS
//@each i FOUR
    let low$q$i = low_at(row$q$i * shape.rank + k);
//@each c QUADS
    sum$q$i_$c += low$q$i * lift$c;
//@end
//@end
//@end
  }
//@if DROPOUT
  let key = dropoutKey();
//@end
//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
//@if DROPOUT
  sum$q$i_$c *= shape.scale * keepQuad(key, row$q$i * shape.columns + column$c);
//@else
  sum$q$i_$c *= shape.scale;
//@end
//@end
//@end
//@end
//@end

//@if BIAS
//@each c QUADS
  let bias$c = biasQuad(column$c);
//@each q ROW_QUADS
//@each i FOUR
  sum$q$i_$c += bias$c;
//@end
//@end
//@end
//@end

//@if TILED
  let index = thread.y * THREADS_X + thread.x;
  for (var kBegin = 0u; kBegin < shape.inner / 4u; kBegin += K_QUADS) {
    loadTiles(kBegin, tileRow, tileColumn / 4u, lastRow, index);
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
//@each q ROW_QUADS
      let x$q = xTile[k * TILE_ROW_QUADS + thread.y * ROW_QUADS + $qu];
//@end
//@each c QUADS
      let w$c = weightTile[k * TILE_QUADS + thread.x * QUADS + $cu];
//@each q ROW_QUADS
//@each i FOUR
      sum$q$i_$c += x$q[$i] * w$c;
//@end
//@end
//@end
    }
    workgroupBarrier();
  }
//@else
//@if VEC
  let innerQuads = shape.inner / 4u;
  let lastQuad = shape.columns / 4u - 1u;
  for (var k = 0u; k < innerQuads; k++) {
//@each q ROW_QUADS
//@each i FOUR
    let x$q$i = x_4(row$q$i * innerQuads + k);
//@end
//@end
//@each c QUADS
    let w$c = weightBlock(k, min(column$c / 4u, lastQuad));
//@each q ROW_QUADS
//@each i FOUR
    sum$q$i_$c += x$q$i.x * w$c[0] + x$q$i.y * w$c[1] + x$q$i.z * w$c[2] + x$q$i.w * w$c[3];
//@end
//@end
//@end
  }
//@else
  for (var k = 0u; k < shape.inner; k++) {
//@each q ROW_QUADS
//@each i FOUR
    let x$q$i = x_at(row$q$i * shape.inner + k);
//@end
//@end
//@each c QUADS
    let w$c = weightQuad(k, column$c);
//@each q ROW_QUADS
//@each i FOUR
    sum$q$i_$c += x$q$i * w$c;
//@end
//@end
//@end
  }
//@end
//@end

//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
  finish(rowBegin + $qu * 4u + $iu, column$c, sum$q$i_$c);
//@end
//@end
//@end
}
