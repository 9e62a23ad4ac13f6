fn combine(x: vec4f, unused: vec4f) -> vec4f { return geluValue(x); }
