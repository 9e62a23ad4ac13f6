fn combine(gate: vec4f, up: vec4f) -> vec4f { return gate * sigmoid(gate) * up; }
