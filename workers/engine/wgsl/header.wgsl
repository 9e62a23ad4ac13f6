// What changes from step to step; engine/wgsl/uniforms.ts writes it.
struct Batch {
  tokens: u32,
  sequences: u32,
  targets: u32,
  dropoutSeed: u32,
  accumulate: u32,
  lossWeight: f32,
  learningRate: f32,
  weightDecay: f32,
  maxGradNorm: f32,
  correction1: f32,
  correction2: f32,
}
@group(0) @binding(0) var<uniform> batch: Batch;

// Where a dispatch that was cut along y begins.
struct TileOrigin { y: u32 }
@group(0) @binding(2) var<uniform> tileOrigin: TileOrigin;

// A dimension of the shape uniform: a number, or one that the batch decides.
fn extent(dim: u32) -> u32 {
  if (dim == 0xffffffffu) { return batch.tokens; }
  if (dim == 0xfffffffeu) { return batch.sequences; }
  if (dim == 0xfffffffdu) { return batch.sequences + 1u; }
  if (dim == 0xfffffffcu) { return batch.targets; }
  return dim;
}

fn groupIndex(group: vec3u, groups: vec3u) -> u32 {
  return group.x + (group.y + tileOrigin.y) * groups.x;
}
