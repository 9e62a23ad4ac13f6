fn combine(dy: vec4f, x: vec4f) -> vec4f { return dy * geluSlope(x); }
