// What is normed, in ones or fours: x, or with RESIDUAL the sum of both.
fn valueAt(i: u32) -> Numbers {
//@if VEC
//@if RESIDUAL
  return x_4(i) + residual_4(i);
//@else
  return x_4(i);
//@end
//@else
//@if RESIDUAL
  return x_at(i) + residual_at(i);
//@else
  return x_at(i);
//@end
//@end
}
