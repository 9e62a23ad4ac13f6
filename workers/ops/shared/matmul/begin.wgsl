// A thread makes 4 * ROW_QUADS rows by 4 * QUADS columns in named registers, which begin with drop(scale * low lift) + bias.
// TILED: a thread's fours lie apart, so that neighbours in a workgroup read and write what lies side by side, and SHARES groups of
// threads share the inner dimension. Else they lie together. Rows past the end are clamped.
@compute @workgroup_size(THREADS_X, THREADS_Y, SHARES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let rows = extent(shape.rows);
  let lastRow = rows - 1u;
  let tileRow = (group.y + tileOrigin.y) * THREADS_Y * ROW_QUADS * 4u;
  let tileColumn = group.x * THREADS_X * QUADS * 4u;
//@if TILED
//@each q ROW_QUADS
  let rowBegin$q = tileRow + (thread.y + $qu * THREADS_Y) * 4u;
//@end
//@each c QUADS
  let column$c = tileColumn + (thread.x + $cu * THREADS_X) * 4u;
//@end
//@else
//@each q ROW_QUADS
  let rowBegin$q = tileRow + (thread.y * ROW_QUADS + $qu) * 4u;
//@end
//@each c QUADS
  let column$c = tileColumn + (thread.x * QUADS + $cu) * 4u;
//@end
  if (rowBegin0 >= rows || column0 >= shape.columns) { return; }
//@end
//@each q ROW_QUADS
//@each i FOUR
  let row$q$i = min(rowBegin$q + $iu, lastRow);
//@each c QUADS
  var sum$q$i_$c = vec4f();
//@end
//@end
//@end

//@if SHARED
  if (thread.z == 0u) {
//@end
//@if LORA
//@if RANK_VEC
  for (var k = 0u; k < shape.rank / 4u; k++) {
//@each c QUADS
    let lift$c = liftBlock(k, column$c);
//@end
//@each q ROW_QUADS
//@each i FOUR
    let low$q$i = low_4(row$q$i * (shape.rank / 4u) + k);
//@each c QUADS
    sum$q$i_$c += lift$c * low$q$i;
//@end
//@end
//@end
  }
//@else
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
//@end
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
//@if SHARED
  }
//@end
