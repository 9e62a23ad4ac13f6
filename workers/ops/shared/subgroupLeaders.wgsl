// WGSL says neither how large subgroups are nor which threads of a workgroup form one. So the thread that a subgroup elects notes its
// own number, what it holds for the others is found at that number, and the sum goes through the numbers in order: the same bits on
// every run.
var<workgroup> leaders: array<atomic<u32>, 2>;

// Whether this thread speaks for its subgroup. Every thread of the workgroup, of 64, must call it.
fn leads(thread: u32) -> bool {
  let elected = subgroupElect();
  if (elected) { atomicOr(&leaders[thread / 32u], 1u << (thread % 32u)); }
  return elected;
}
