// What the tiled kernels of attention share. A workgroup of 8 x 8 threads keeps the results of OWN packed rows of one head and streams
// the rows that meet them past, 32 at a time and 32 columns (a chunk) at a time, so that workgroup memory does not grow with the head.
// Thread (down, across) has the own rows from down * ROWS on. In products it meets the stream rows 4 * across to 4 * across + 3; in sums
// it has quad `across` of each chunk. Quads are permuted within a row, so that neighbouring threads read from different banks.
// A tile is cut from the packed rows wherever sequences begin, and each row masks what it does not see; no table of tiles is needed.
// The inner loops are attentionTiledProducts.wgsl and attentionTiledSums.wgsl, inserted where a kernel says //@products and //@sums.
// One loop of steps, a chunk each, holds every kind of product, because a software adapter takes seconds to compile each copy.
const OWN = 8u * ROWS;
var<workgroup> ownTile: array<vec4f, OWN * 8u>;
var<workgroup> streamTile: array<vec4f, 256>;
// Own row by stream rows, four in a quad.
var<workgroup> weightTile: array<vec4f, OWN * 8u>;

fn ownAt(row: u32, quad: u32) -> u32 { return row * 8u + (quad ^ (row / ROWS)); }

fn streamAt(row: u32, quad: u32) -> u32 { return row * 8u + (quad ^ (row / 4u)); }

fn decay4(x: vec4f) -> vec4f {
  return select(exp(max(x, vec4f(-80.0))), vec4f(), x < vec4f(-80.0));
}

fn highestOf(value: vec4f) -> f32 {
  return max(max(value.x, value.y), max(value.z, value.w));
}
