var<workgroup> partial: array<f32, 64>;

// The sum of `value` over the 64 threads of a workgroup, for all of them. Every thread must call it.
fn workgroupSum(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partial[thread] = value;
  for (var width = 32u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (thread < width) { partial[thread] += partial[thread + width]; }
  }
  workgroupBarrier();
  return partial[0];
}

fn workgroupMax(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  partial[thread] = value;
  for (var width = 32u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (thread < width) { partial[thread] = max(partial[thread], partial[thread + width]); }
  }
  workgroupBarrier();
  return partial[0];
}
