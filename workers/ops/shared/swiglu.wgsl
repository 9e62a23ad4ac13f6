// The bound is for adapters whose exponential overflows; the sigmoid of -80 is nothing beside any number.
fn sigmoid(x: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-clamp(x, vec4f(-80.0), vec4f(80.0)))); }
