import type { RunResult } from '../../../workers/api/results';
import { formatCount } from '../../ui/format';

/** Where the numbers of a run went wrong, what came of it. */
export function RateNote({ result: { rateHalvedAfter } }: { result: RunResult }) {
  // Runs kept by an older version do not say.
  if (rateHalvedAfter === null || rateHalvedAfter === undefined) return null;
  return (
    <p className="label">
      After step {formatCount(rateHalvedAfter)} the loss was no number once, so the rest was trained with half the learning rate.
    </p>
  );
}
