// What the gradient of a norm reads, in ones or fours: dy times weight, x, and with CARRY what is added.
fn scaledGradient(i: u32, c: u32) -> Numbers {
//@if VEC
  return dy_4(i) * weight_4(c);
//@else
  return dy_at(i) * weight_at(c);
//@end
}

fn valueAt(i: u32) -> Numbers {
//@if VEC
  return x_4(i);
//@else
  return x_at(i);
//@end
}

//@if CARRY
fn carriedAt(i: u32) -> Numbers {
//@if VEC
  return carry_4(i);
//@else
  return carry_at(i);
//@end
}
//@end
