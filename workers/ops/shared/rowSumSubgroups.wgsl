// As rowSum.wgsl, for a workgroup that has one row: two barriers in place of eight.
var<workgroup> partial: array<vec2f, 64>;

// The sum of `value` over the 64 threads of a workgroup, for all of them. Every thread must call it.
fn rowSum(value: vec2f, thread: u32) -> vec2f {
  workgroupBarrier();
  let sum = subgroupAdd(value);
  let speaks = leads(thread);
  partial[thread] = select(vec2f(), sum, speaks);
  workgroupBarrier();
  var total = vec2f();
  for (var word = 0u; word < 2u; word++) {
    for (var rest = atomicLoad(&leaders[word]); rest != 0u; rest &= rest - 1u) {
      total += partial[32u * word + firstTrailingBit(rest)];
    }
  }
  return total;
}
