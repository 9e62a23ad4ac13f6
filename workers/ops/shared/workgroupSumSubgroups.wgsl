// As workgroupSum.wgsl: two barriers in place of eight.
var<workgroup> partial: array<f32, 64>;

// The sum of `value` over the 64 threads of a workgroup, for all of them. Every thread must call it.
fn workgroupSum(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  let sum = subgroupAdd(value);
  let speaks = leads(thread);
  partial[thread] = select(0.0, sum, speaks);
  workgroupBarrier();
  var total = 0.0;
  for (var word = 0u; word < 2u; word++) {
    for (var rest = atomicLoad(&leaders[word]); rest != 0u; rest &= rest - 1u) {
      total += partial[32u * word + firstTrailingBit(rest)];
    }
  }
  return total;
}

fn workgroupMax(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  let highest = subgroupMax(value);
  let speaks = leads(thread);
  partial[thread] = select(-3.0e38, highest, speaks);
  workgroupBarrier();
  var total = -3.0e38;
  for (var word = 0u; word < 2u; word++) {
    for (var rest = atomicLoad(&leaders[word]); rest != 0u; rest &= rest - 1u) {
      total = max(total, partial[32u * word + firstTrailingBit(rest)]);
    }
  }
  return total;
}
