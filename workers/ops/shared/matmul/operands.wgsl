// Reading W, lift and bias, four columns at a time; what lies past the last column is clamped. VEC: inner and columns divide by four.
// WINDOW: W is some rows of a larger matrix, up to weightLast; what lies past those is clamped too.
//@if WINDOW
fn weightRow(row: u32) -> u32 { return min(shape.weightFirst + row, shape.weightLast); }
//@else
fn weightRow(row: u32) -> u32 { return row; }
//@end
//@if !VEC
fn weightQuad(k: u32, column: u32) -> vec4f {
  let last = shape.columns - 1u;
  let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(last));
//@if TRANSPOSED
  let rows = vec4u(weightRow(columns.x), weightRow(columns.y), weightRow(columns.z), weightRow(columns.w));
  let at = rows * shape.inner + k;
//@else
  let at = columns + weightRow(k) * shape.columns;
//@end
  return vec4f(weight_at(at.x), weight_at(at.y), weight_at(at.z), weight_at(at.w));
}
//@else
//@if HALF
alias Cell = vec4<f16>;
alias Block = mat4x4<f16>;
fn xCell(i: u32) -> Cell { return x_half4(i); }
fn weightCell(i: u32) -> Cell { return weight_half4(i); }
//@else
alias Cell = vec4f;
alias Block = mat4x4f;
fn xCell(i: u32) -> Cell { return x_4(i); }
fn weightCell(i: u32) -> Cell { return weight_4(i); }
//@end

// Four rows of W from 4 * k on, four columns from 4 * quad on.
fn weightBlock(k: u32, quad: u32) -> Block {
//@if TRANSPOSED
  let step = shape.inner / 4u;
//@if WINDOW
  let row = quad * 4u;
  return transpose(Block(
    weightCell(weightRow(row) * step + k), weightCell(weightRow(row + 1u) * step + k),
    weightCell(weightRow(row + 2u) * step + k), weightCell(weightRow(row + 3u) * step + k)));
//@else
  let at = quad * 4u * step + k;
  return transpose(Block(weightCell(at), weightCell(at + step), weightCell(at + 2u * step), weightCell(at + 3u * step)));
//@end
//@else
  let step = shape.columns / 4u;
//@if WINDOW
  let row = k * 4u;
  return Block(
    weightCell(weightRow(row) * step + quad), weightCell(weightRow(row + 1u) * step + quad),
    weightCell(weightRow(row + 2u) * step + quad), weightCell(weightRow(row + 3u) * step + quad));
//@else
  let at = k * 4u * step + quad;
  return Block(weightCell(at), weightCell(at + step), weightCell(at + 2u * step), weightCell(at + 3u * step));
//@end
//@end
}
//@end

//@if LORA
//@if RANK_VEC
// Four rows of the lift from 4 * k on, four columns.
fn liftBlock(k: u32, column: u32) -> mat4x4f {
  let quad = min(column, shape.columns - 4u) / 4u;
//@if OUT_RANK
  let step = shape.rank / 4u;
  let at = quad * 4u * step + k;
  return transpose(mat4x4f(lift_4(at), lift_4(at + step), lift_4(at + 2u * step), lift_4(at + 3u * step)));
//@else
  let step = shape.columns / 4u;
  let at = k * 4u * step + quad;
  return mat4x4f(lift_4(at), lift_4(at + step), lift_4(at + 2u * step), lift_4(at + 3u * step));
//@end
}
//@else
fn liftQuad(k: u32, column: u32) -> vec4f {
  let last = shape.columns - 1u;
  let columns = min(vec4u(column, column + 1u, column + 2u, column + 3u), vec4u(last));
//@if OUT_RANK
  let at = columns * shape.rank + k;
//@else
  let at = columns + k * shape.columns;
//@end
  return vec4f(lift_at(at.x), lift_at(at.y), lift_at(at.z), lift_at(at.w));
}
//@end
//@end

//@if DROPOUT
fn keepQuad(key: u32, at: u32) -> vec4f {
  return vec4f(keepFactor(key, at), keepFactor(key, at + 1u), keepFactor(key, at + 2u), keepFactor(key, at + 3u));
}
//@end

//@if BIAS
fn biasQuad(column: u32) -> vec4f {
  let last = shape.columns - 1u;
  return vec4f(bias_at(min(column, last)), bias_at(min(column + 1u, last)), bias_at(min(column + 2u, last)), bias_at(min(column + 3u, last)));
}
//@end
