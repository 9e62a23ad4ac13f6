// LANES threads share a row of one head; the sum over them of a vec4. Every thread must call it.
var<workgroup> laneValues: array<vec4f, 64>;
fn laneSum(value: vec4f, thread: u32) -> vec4f {
//@if ALONE
  return value;
//@else
  workgroupBarrier();
  laneValues[thread] = value;
  workgroupBarrier();
  let base = thread - thread % LANES;
  var sum = laneValues[base];
  for (var i = 1u; i < LANES; i++) { sum += laneValues[base + i]; }
  return sum;
//@end
}
