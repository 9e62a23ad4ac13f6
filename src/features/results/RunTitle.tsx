import type { RunResult } from '../../../workers/api/results';
import { useKeptRuns } from '../../state/hooks';

/** "Run 7": by its number among the runs that are kept. */
export function RunTitle({ result: { origin, stopped } }: { result: RunResult }) {
  const number = useKeptRuns((state) => state.shown?.number ?? null);
  if (origin === 'import') return 'Imported adapter';
  const run = number === null ? 'Run' : `Run ${number}`;
  return stopped ? `${run}, stopped and kept` : run;
}
