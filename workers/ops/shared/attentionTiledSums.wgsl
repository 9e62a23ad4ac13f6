        // Stream rows of this chunk, weighted and summed.
//@each i ROWS
        var part$i = vec4f();
//@end
        for (var k = 0u; k < streamQuads; k++) {
//@each j 4
          let stream$j = streamTile[streamAt(k * 4u + $ju, across)];
//@end
//@each i ROWS
          let weight$i = weightTile[ownAt(slot$i, k)];
          part$i += weight$i.x * stream0 + weight$i.y * stream1 + weight$i.z * stream2 + weight$i.w * stream3;
//@end
        }
