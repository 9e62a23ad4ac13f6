// LANES threads share a row, 64 / LANES rows a workgroup; LANES is a power of two.
var<workgroup> partial: array<vec2f, 64>;

// The sum of `value` over the lanes of this thread's row. Every thread of the workgroup must call it.
fn rowSum(value: vec2f, thread: u32) -> vec2f {
  workgroupBarrier();
  partial[thread] = value;
  for (var width = LANES / 2u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (thread % LANES < width) { partial[thread] += partial[thread + width]; }
  }
  workgroupBarrier();
  return partial[thread - thread % LANES];
}
