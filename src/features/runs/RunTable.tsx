import type { KeptRuns, ListedRun } from '../../../workers/api/runs';
import { scoreAxis } from '../../charts/scale';
import { useKeptRuns } from '../../state/hooks';
import { chosenRuns } from '../../state/keptRuns';
import '../../ui/Table.css';
import { RunRow } from './RunRow';
import { bestRun } from './whatChanged';
import styles from './runs.module.css';

/** Every kept run in a line, the newest first. */
export function RunTable({ kept: { runs } }: { kept: KeptRuns }) {
  const chosen = useKeptRuns((state) => state.chosen);
  const pair = chosenRuns({ kept: { runs, damaged: [], usedBytes: 0, isOnDevice: true }, chosen });
  const best = bestRun(runs);
  const [bottom] = scoreAxis(runs.flatMap(lowestShares)).domain;
  const now = useKeptRuns((state) => state.listedAt);
  const splits = new Set(runs.map(({ figures }) => figures.split));
  return (
    <div className={styles.wrap} role="region" aria-label="Kept runs" tabIndex={0}>
      <table className={`table ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Compare</th>
            <th scope="col" className="num">
              Run
            </th>
            <th scope="col" className={styles.changeColumn}>
              What changed from the run before
            </th>
            <th scope="col" className={styles.scaleColumn}>
              <span className={styles.ends}>
                <span>
                  {splits.has('test') && splits.size === 1 ? 'Test accuracy' : 'Accuracy'}
                  <span className={styles.wide}>, {bottom}</span>
                </span>
                <span className={styles.wide}>100 %</span>
              </span>
            </th>
            <th scope="col" className="num">
              <span className="sr">Accuracy in per cent, or perplexity</span>
            </th>
            <th scope="col" className={`num ${styles.f1Column}`}>
              Macro-F1
            </th>
            <th scope="col" className={styles.lossColumn}>
              Validation loss
            </th>
            <th scope="col" className={`num ${styles.tookColumn}`}>
              Took
            </th>
            <th scope="col" className={styles.whenColumn}>
              Started
            </th>
            <th scope="col">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run, index) => (
            <RunRow
              key={run.id}
              run={run}
              before={runs[index + 1] ?? null}
              all={runs}
              isBest={run.id === best}
              letter={letterOf(run, pair)}
              bottom={bottom / 100}
              now={now}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function letterOf(run: ListedRun, [a, b]: readonly ListedRun[]): 'A' | 'B' | null {
  if (run.id === a?.id) return 'A';
  return run.id === b?.id ? 'B' : null;
}

function lowestShares({ figures }: ListedRun): number[] {
  return figures.kind === 'text' ? [] : [figures.base.accuracy, figures.tuned.accuracyInterval[0]];
}
