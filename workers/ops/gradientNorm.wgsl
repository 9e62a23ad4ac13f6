// One workgroup: the root of the sum of the partial sums, in units of the unscaled loss; infinity where the sum is not finite.
var<workgroup> overflows: atomic<u32>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < shape.parts; i += 64u) {
    let partial = partials_at(i);
    if (isFinite(partial)) { sum += partial; } else { atomicOr(&overflows, 1u); }
  }
  let total = workgroupSum(sum, thread);
  if (thread > 0u) { return; }
  if (atomicLoad(&overflows) != 0u || !isFinite(total)) {
    norm_put(0, infinity());
  } else {
//@if SCALED
    norm_put(0, sqrt(total) / lossScale_at(0u));
//@else
    norm_put(0, sqrt(total));
//@end
  }
}
