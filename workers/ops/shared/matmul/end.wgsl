//@each q ROW_QUADS
//@each i FOUR
//@each c QUADS
  finish(rowBegin$q + $iu, column$c, sum$q$i_$c);
//@end
//@end
//@end
}
