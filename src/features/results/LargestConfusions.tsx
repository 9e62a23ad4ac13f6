import { useMemo, useState } from 'react';
import { ConfusionList } from '../../charts/ConfusionList';
import { confusionsOf } from '../../charts/matrix';
import { LinkButton } from '../../ui/Button';
import { formatCount, formatPercent } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import type { RunResult } from '../../../workers/api/results';
import { chosenIn } from './cell';
import type { ChosenCell } from './cell';
import { csvBlob } from './csv';
import styles from './results.module.css';

interface LargestConfusionsProps {
  result: RunResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

const firstKinds = 10;
const mostKinds = 300;

/** Which classes the tuned model takes for which. */
export function LargestConfusions({ result, cell, onChoose }: LargestConfusionsProps) {
  const [all, setAll] = useState(false);
  const kinds = useMemo(() => confusionsOf(result.tuned.confusion), [result]);
  const errors = kinds.reduce((sum, kind) => sum + kind.count, 0);
  const first = kinds.slice(0, firstKinds).reduce((sum, kind) => sum + kind.count, 0);
  if (errors === 0) {
    return (
      <Panel level={3} title="Largest confusions">
        <p className="label">The tuned model read every text right.</p>
      </Panel>
    );
  }
  return (
    <Panel
      level={3}
      title="Largest confusions"
      reading={
        <>
          {formatCount(kinds.length)} kinds
          {kinds.length > firstKinds && (
            <>
              , these {firstKinds} make <b>{formatPercent(first / errors, 0)}</b> of errors
            </>
          )}
        </>
      }
    >
      <ConfusionList
        labels={result.labels}
        confusions={kinds.slice(0, all ? mostKinds : firstKinds)}
        selected={chosenIn(cell, 'tuned')}
        onSelect={(chosen) => onChoose({ role: 'tuned', ...chosen })}
      />
      <p className={styles.under}>
        {kinds.length > firstKinds && (
          <LinkButton aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${formatCount(Math.min(mostKinds, kinds.length))}`}
          </LinkButton>
        )}
        <LinkButton
          onClick={() =>
            saveFile(
              'confusions.csv',
              csvBlob(
                ['true', 'read as', 'texts', 'share of the true class'],
                kinds.map((kind) => [
                  result.labels[kind.actual] ?? '',
                  result.labels[kind.predicted] ?? '',
                  kind.count,
                  kind.share,
                ]),
              ),
            )
          }
        >
          Download as CSV
        </LinkButton>
      </p>
    </Panel>
  );
}
