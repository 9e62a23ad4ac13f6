  let index = (thread.z * THREADS_Y + thread.y) * THREADS_X + thread.x;
  let steps = shape.inner / 4u;
//@each j LOADS
  var next$j = loadBlock(index + $ju * THREADS, 0u, tileRow, tileColumn, lastRow);
//@end
  for (var kBegin = 0u; kBegin < steps; kBegin += K_QUADS) {
//@each j LOADS
    storeBlock(index + $ju * THREADS, next$j);
//@end
    workgroupBarrier();
    // The next blocks are on their way while these are multiplied.
//@each j LOADS
    next$j = loadBlock(index + $ju * THREADS, kBegin + K_QUADS, tileRow, tileColumn, lastRow);
//@end
    let share = thread.z * SHARE_QUADS;
//@if HALF_SUMS
    for (var kQuad = share; kQuad < share + SHARE_QUADS; kQuad += 2u) {
//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
      var part$q$i_$c = Cell();
//@end
//@end
//@end
      // Eight products are added up in float16 before their sum becomes float32.
      for (var k = 0u; k < 8u; k++) {
        let xAt = (kQuad + k / 4u) * X_STEP + (k % 4u) * ROW_CELLS + thread.y;
        let wAt = W_BEGIN + (kQuad + k / 4u) * W_STEP + (k % 4u) * COLUMN_CELLS + thread.x;
//@each q ROW_QUADS
        let x$q = tiles[xAt + $qu * THREADS_Y];
//@end
//@each c QUADS
        let w$c = tiles[wAt + $cu * THREADS_X];
//@each q ROW_QUADS
//@each i FOUR
        part$q$i_$c += x$q[$i] * w$c;
//@end
//@end
//@end
      }
//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
      sum$q$i_$c += vec4f(part$q$i_$c);
//@end
//@end
//@end
    }
//@else
    for (var kQuad = share; kQuad < share + SHARE_QUADS; kQuad++) {
      let xAt = kQuad * X_STEP + thread.y;
      let wAt = W_BEGIN + kQuad * W_STEP + thread.x;
      for (var k = 0u; k < 4u; k++) {
//@each q ROW_QUADS
        let x$q = vec4f(tiles[xAt + k * ROW_CELLS + $qu * THREADS_Y]);
//@end
//@each c QUADS
        let w$c = vec4f(tiles[wAt + k * COLUMN_CELLS + $cu * THREADS_X]);
//@each q ROW_QUADS
//@each i FOUR
        sum$q$i_$c += x$q[$i] * w$c;
//@end
//@end
//@end
      }
    }
//@end
    workgroupBarrier();
  }
