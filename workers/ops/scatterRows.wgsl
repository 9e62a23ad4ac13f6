// y = base or 0, plus values[n] at row picked[n]. Every row asks the first target at or after itself, so nothing is added twice at
// once. A thread makes one number, or four where VEC.
//@if VEC
alias Numbers = vec4f;
//@else
alias Numbers = f32;
//@end

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.columns;
  if (row >= extent(shape.rows)) { return; }
  let first = targets_at(2u * row);
  let at = first * shape.columns + i % shape.columns;
  var sum = Numbers();
//@if BASE
//@if VEC
  sum = base_4(i);
//@else
  sum = base_at(i);
//@end
//@end
  if (first < targets_at(2u * row + 1u) && picked_at(first) == row) {
//@if VEC
    sum += values_4(at);
//@else
    sum += values_at(at);
//@end
  }
  y_put(i, sum);
}
