import { matrix, requireEqual, type Shape } from '../../engine/shape';
import { firstInputs, optionalInput, vector } from './inputs';

/** dy (R, C), x (R, C), weight (C), stats (R, statistics), carry? (R, C) -> dx (R, C), twice where it is copied. Throws ShapeError. */
export function normGradientShapes(
  shapes: readonly (Shape | null)[],
  copied: boolean,
  statistics: number,
  name: string,
): Shape[] {
  const [dy, x, weight, stats] = firstInputs(shapes, 4, name);
  const [rows, width] = matrix(x, `${name} x`);
  const alike = (shape: Shape, what: string, columns: number): void => {
    const [otherRows, otherColumns] = matrix(shape, `${name} ${what}`);
    requireEqual(rows, otherRows, `The rows of x and ${what}`, [...shapes]);
    requireEqual(columns, otherColumns, `The columns of ${what}, as x asks for them,`, [...shapes]);
  };
  alike(dy, 'dy', width);
  alike(stats, 'stats', statistics);
  requireEqual(width, vector(weight, `${name} weight`), 'The width of x and the length of weight', [...shapes]);
  const carry = optionalInput(shapes, 4);
  if (carry) alike(carry, 'carry', width);
  return copied ? [x, x] : [x];
}
