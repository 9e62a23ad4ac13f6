// The products, straight from the caches: no workgroup memory, no other thread.
//@if VEC
  let innerQuads = shape.inner / 4u;
  let lastQuad = shape.columns / 4u - 1u;
  for (var k = 0u; k < innerQuads; k++) {
//@each q ROW_QUADS
//@each i FOUR
    let x$q$i = x_4(row$q$i * innerQuads + k);
//@end
//@end
//@each c QUADS
    let w$c = weightBlock(k, min(column$c / 4u, lastQuad));
//@each q ROW_QUADS
//@each i FOUR
    sum$q$i_$c += x$q$i.x * w$c[0] + x$q$i.y * w$c[1] + x$q$i.z * w$c[2] + x$q$i.w * w$c[3];
//@end
//@end
//@end
  }
//@else
  for (var k = 0u; k < shape.inner; k++) {
//@each q ROW_QUADS
//@each i FOUR
    let x$q$i = x_at(row$q$i * shape.inner + k);
//@end
//@end
//@each c QUADS
    let w$c = weightQuad(k, column$c);
//@each q ROW_QUADS
//@each i FOUR
    sum$q$i_$c += x$q$i * w$c;
//@end
//@end
//@end
  }
//@end
