// y = drop(scale * u b) for a short inner dimension; a thread makes 4 columns of one row. OUT_RANK: b is (columns, rank), else (rank, columns).
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let quads = (shape.columns + 3u) / 4u;
  let i = groupIndex(group, groups) * 64u + lane;
  let row = i / quads;
  if (row >= extent(shape.rows)) { return; }
  let columnBegin = (i % quads) * 4u;
  let lastColumn = shape.columns - 1u;
//@each c 4
  let column$c = min(columnBegin + $cu, lastColumn);
//@end
  var sum = vec4f();
  for (var k = 0u; k < shape.rank; k++) {
//@if OUT_RANK
    let values = vec4f(b_at(column0 * shape.rank + k), b_at(column1 * shape.rank + k), b_at(column2 * shape.rank + k), b_at(column3 * shape.rank + k));
//@else
    let at = k * shape.columns;
    let values = vec4f(b_at(at + column0), b_at(at + column1), b_at(at + column2), b_at(at + column3));
//@end
    sum += u_at(row * shape.rank + k) * values;
  }
  sum *= shape.scale;
//@if DROPOUT
  let key = dropoutKey();
//@end
//@each c 4
  if (columnBegin + $cu <= lastColumn) {
    let at = row * shape.columns + columnBegin + $cu;
//@if DROPOUT
    y_put(at, sum[$c] * keepFactor(key, at));
//@else
    y_put(at, sum[$c]);
//@end
  }
//@end
}
