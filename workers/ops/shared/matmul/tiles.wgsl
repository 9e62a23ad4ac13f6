// Both operands pass through workgroup memory, K_QUADS fours of the inner dimension at a time: blocks of 4 x 4 come with reads that
// lie side by side, and are kept as [four of k][k][row or column]. PAD keeps the threads that write one row's fours of k apart in
// the memory's banks.
const THREADS = THREADS_X * THREADS_Y * SHARES;
const K_QUADS = SHARES * SHARE_QUADS;
const ROW_CELLS = THREADS_Y * ROW_QUADS;
const COLUMN_CELLS = THREADS_X * QUADS;
const X_STEP = 4u * ROW_CELLS + PAD;
const W_STEP = 4u * COLUMN_CELLS + PAD;
const X_BLOCKS = ROW_CELLS * K_QUADS;
const W_BEGIN = X_STEP * K_QUADS;
var<workgroup> tiles: array<Cell, W_BEGIN + W_STEP * K_QUADS>;

// Block `b` of the tiles whose inner dimension begins at 4 * kBegin; zeros past its end.
fn loadBlock(b: u32, kBegin: u32, tileRow: u32, tileColumn: u32, lastRow: u32) -> Block {
  let step = shape.inner / 4u;
  if (b < X_BLOCKS) {
    let k = kBegin + b % K_QUADS;
    if (k >= step) { return Block(); }
    let row = tileRow + (b / K_QUADS) * 4u;
    return transpose(Block(
      xCell(min(row, lastRow) * step + k), xCell(min(row + 1u, lastRow) * step + k),
      xCell(min(row + 2u, lastRow) * step + k), xCell(min(row + 3u, lastRow) * step + k)));
  }
  let at = placeOfWeight(b - X_BLOCKS);
  if (kBegin + at.x >= step) { return Block(); }
  return weightBlock(kBegin + at.x, min(tileColumn / 4u + at.y, shape.columns / 4u - 1u));
}

// Four of k and four of columns: threads side by side read what lies side by side in W.
fn placeOfWeight(b: u32) -> vec2u {
//@if TRANSPOSED
  return vec2u(b % K_QUADS, b / K_QUADS);
//@else
  return vec2u(b / COLUMN_CELLS, b % COLUMN_CELLS);
//@end
}

fn storeBlock(b: u32, block: Block) {
  var at = (b % K_QUADS) * X_STEP + b / K_QUADS;
  var step = ROW_CELLS;
  if (b >= X_BLOCKS) {
    let place = placeOfWeight(b - X_BLOCKS);
    at = W_BEGIN + place.x * W_STEP + place.y;
    step = COLUMN_CELLS;
  }
//@each i FOUR
  tiles[at + $iu * step] = block[$i];
//@end
}

//@if SHARED
const RESULTS = THREADS_X * THREADS_Y * ROW_QUADS * QUADS * 4u;
//@end
