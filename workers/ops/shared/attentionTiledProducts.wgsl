        // This chunk's share of the products of own rows and four stream rows.
        let quads = min(8u, QUADS - chunk * 8u);
        for (var c = 0u; c < quads; c++) {
//@each j 4
          let stream$j = streamTile[streamAt(across * 4u + $ju, c)];
//@end
//@each i ROWS
          let own$i = ownTile[ownAt(slot$i, c)];
          products$i += vec4f(dot(own$i, stream0), dot(own$i, stream1), dot(own$i, stream2), dot(own$i, stream3));
//@end
        }
