  // The shares' sums meet where the tiles were, and all threads add them up.
//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
  tiles[thread.z * RESULTS + (($qu * 4u + $iu) * QUADS + $cu) * THREADS_X * THREADS_Y + thread.y * THREADS_X + thread.x] = sum$q$i_$c;
//@end
//@end
//@end
  workgroupBarrier();
  for (var result = index; result < RESULTS; result += THREADS) {
    var sum = vec4f();
    for (var share = 0u; share < SHARES; share++) { sum += tiles[share * RESULTS + result]; }
    let slot = result / (THREADS_X * THREADS_Y);
    let place = result % (THREADS_X * THREADS_Y);
    let row = tileRow + (place / THREADS_X + slot / QUADS / 4u * THREADS_Y) * 4u + slot / QUADS % 4u;
    finish(row, tileColumn + (place % THREADS_X + slot % QUADS * THREADS_X) * 4u, sum);
  }
}
