// A row's columns one at a time, or with VEC in fours: what is the same for both.
//@if VEC
alias Numbers = vec4f;
fn sumOf(value: Numbers) -> f32 { return value.x + value.y + value.z + value.w; }
//@else
alias Numbers = f32;
fn sumOf(value: Numbers) -> f32 { return value; }
//@end
