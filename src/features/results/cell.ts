import { confusionsOf, type MatrixCell, type MatrixRole } from '../../charts/matrix';
import type { JudgedResult } from './judged';

/** A cell of one of the two matrices. */
export interface ChosenCell extends MatrixCell {
  role: MatrixRole;
}

/** The tuned model's largest confusion; where it makes no mistake, the first class. */
export function firstCell(result: JudgedResult): ChosenCell {
  const [worst] = confusionsOf(result.tuned.confusion);
  return { role: 'tuned', actual: worst?.actual ?? 0, predicted: worst?.predicted ?? 0 };
}

/** How many texts the cell holds. */
export function cellCount(result: JudgedResult, cell: MatrixCell & { role: MatrixRole }): number {
  return result[cell.role].confusion[cell.actual]?.[cell.predicted] ?? 0;
}

/** The cell of that model where it is chosen, else null. */
export function chosenIn(cell: ChosenCell, role: MatrixRole): MatrixCell | null {
  return cell.role === role ? { actual: cell.actual, predicted: cell.predicted } : null;
}
