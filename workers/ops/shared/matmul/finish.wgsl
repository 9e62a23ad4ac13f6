// ADDS: the result is added to what is there where the shape says so.
// The activation of four numbers of a row, and where they are written; nothing past the end.
fn finish(row: u32, column: u32, value: vec4f) {
  if (row >= extent(shape.rows) || column >= shape.columns) { return; }
  let begin = row * shape.columns + column;
//@if VEC
  let at = begin / 4u;
//@if GELU
  pre_put(at, value);
  y_put(at, geluValue(value));
//@end
//@if GELU_GRADIENT
  y_put(at, value * geluSlope(pre_4(at)));
//@end
//@if LINEAR_END
//@if ADDS
  y_put(at, value + select(vec4f(), y_4(at), shape.adds == 1u));
//@else
  y_put(at, value);
//@end
//@end
//@else
//@each i FOUR
  if (column + $iu < shape.columns) {
    let at = begin + $iu;
//@if GELU
    pre_put(at, value[$i]);
    y_put(at, geluValue(value)[$i]);
//@end
//@if GELU_GRADIENT
    y_put(at, value[$i] * geluSlope(vec4f(pre_at(at))).x);
//@end
//@if LINEAR_END
//@if ADDS
    y_put(at, value[$i] + select(0.0, y_at(at), shape.adds == 1u));
//@else
    y_put(at, value[$i]);
//@end
//@end
  }
//@end
//@end
}
