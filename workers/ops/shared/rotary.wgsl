// A rotation of one pair of a head, or of four. shape.turns has the turns that a position makes, in parts of 2^32: their product wraps
// around as a circle does, exactly, so no large angle ever meets an adapter's sine.
//@if VEC
alias Numbers = vec4f;
alias Integers = vec4i;
alias Words = vec4u;
fn wordsAt(pair: u32) -> Words { return shape.turns[pair]; }
//@else
alias Numbers = f32;
alias Integers = i32;
alias Words = u32;
fn wordsAt(pair: u32) -> Words { return shape.turns[pair >> 2u][pair & 3u]; }
//@end

struct Turn { cosine: Numbers, sine: Numbers }

// The rest beyond whole quarters lies within an eighth of a circle, where the series are exact to float32.
fn turnOf(position: u32, pair: u32) -> Turn {
  let whole = wordsAt(pair) * position;
  let quarter = (whole + 0x20000000u) >> Words(30u);
  let angle = Numbers(Integers(whole - (quarter << Words(30u)))) * 1.4629180792671596e-9;
  let square = angle * angle;
  let sine = angle * (1.0 + square * (-1.0 / 6.0 + square * (1.0 / 120.0 + square * (-1.0 / 5040.0 + square / 362880.0))));
  let cosine = 1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * (-1.0 / 720.0 + square / 40320.0)));
  let swapped = (quarter & Words(1u)) != Words(0u);
  let s = select(sine, cosine, swapped);
  let c = select(cosine, sine, swapped);
  return Turn(select(c, -c, ((quarter + 1u) & Words(2u)) != Words(0u)), select(s, -s, quarter >= Words(2u)));
}

fn positionOf(row: u32) -> u32 {
//@if CHOSEN
  return positions_at(rows_at(row));
//@else
  return positions_at(row);
//@end
}
