import { useMemo, useState } from 'react';
import { ConfusionList } from '../../charts/ConfusionList';
import { columnName, confusionsOf, type Confusion } from '../../charts/matrix';
import { LinkButton } from '../../ui/Button';
import { formatCount, formatPercent, plural } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import { chosenIn, type ChosenCell } from './cell';
import { csvBlob } from './csv';
import type { JudgedResult } from './judged';
import shared from './shared.module.css';

interface LargestConfusionsProps {
  result: JudgedResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

const firstKinds = 10;
const mostKinds = 300;

/** Which classes the tuned model takes for which. */
export function LargestConfusions({ result, cell, onChoose }: LargestConfusionsProps) {
  const [all, setAll] = useState(false);
  const kinds = useMemo(() => confusionsOf(result.tuned.confusion), [result]);
  if (kinds.length === 0) {
    return (
      <Panel level={3} title="Largest confusions">
        <p className="label">The tuned model read every text right.</p>
      </Panel>
    );
  }
  return (
    <Panel level={3} title="Largest confusions" reading={<KindsReading kinds={kinds} />}>
      <ConfusionList
        labels={result.labels}
        confusions={kinds.slice(0, all ? mostKinds : firstKinds)}
        selected={chosenIn(cell, 'tuned')}
        onSelect={(chosen) => onChoose({ role: 'tuned', ...chosen })}
      />
      <p className={shared.under}>
        {kinds.length > firstKinds && (
          <LinkButton aria-expanded={all} onClick={() => setAll(!all)}>
            {all
              ? 'Show fewer'
              : `Show ${kinds.length > mostKinds ? 'the first' : 'all'} ${formatCount(Math.min(mostKinds, kinds.length))}`}
          </LinkButton>
        )}
        <LinkButton onClick={() => saveConfusions(result.labels, kinds)}>Download as CSV</LinkButton>
      </p>
    </Panel>
  );
}

function KindsReading({ kinds }: { kinds: readonly Confusion[] }) {
  return (
    <>
      {plural(kinds.length, 'kind')}
      {kinds.length > firstKinds && (
        <>
          , these {firstKinds} make <b>{formatPercent(textsOf(kinds.slice(0, firstKinds)) / textsOf(kinds), 0)}</b> of errors
        </>
      )}
    </>
  );
}

function textsOf(kinds: readonly Confusion[]): number {
  return kinds.reduce((sum, kind) => sum + kind.count, 0);
}

function saveConfusions(labels: readonly string[], kinds: readonly Confusion[]): void {
  const rows = kinds.map(
    ({ actual, predicted, count, share }) => [labels[actual] ?? '', columnName(labels, predicted), count, share] as const,
  );
  saveFile('confusions.csv', csvBlob(['true', 'read as', 'texts', 'share of the true class'], rows));
}
