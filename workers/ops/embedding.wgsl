// y[row] = wte[ids[row]], with PLACES plus wpe[positions[row]], for tokens from `firstToken` on that lie in this part of wte; a thread makes
// one element, or four where VEC.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / shape.columns;
  let column = i % shape.columns;
  if (row >= extent(shape.rows)) { return; }
  // Tokens before the first wrap around to large numbers.
  let token = ids_at(row) - shape.firstToken;
  if (token >= shape.tokens) { return; }
  let entry = token * shape.columns + column;
//@if VEC
  var sum = wte_4(entry);
//@else
  var sum = wte_at(entry);
//@end
//@if PLACES
  let place = positions_at(row) * shape.columns + column;
//@if VEC
  sum += wpe_4(place);
//@else
  sum += wpe_at(place);
//@end
//@end
  y_put(i, sum);
}
