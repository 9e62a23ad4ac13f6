import { Fragment, useEffect, useState } from 'react';
import type { DatasetSummary } from '../../../workers/api/dataset';
import type { BatchRow, BatchToken, FirstBatch as Batch } from '../../../workers/api/firstBatch';
import { askFirstBatch } from '../../state/commands';
import { useReading, useSession } from '../../state/hooks';
import { formatCount, plural } from '../../ui/format';
import { Segments } from '../../ui/Segments';
import '../../ui/Table.css';
import own from './firstBatch.module.css';
import styles from './dataset.module.css';

type View = 'tokens' | 'ids' | 'mask';

const views = [
  { value: 'tokens', label: 'Tokens' },
  { value: 'ids', label: 'Ids' },
  { value: 'mask', label: 'Mask' },
] as const satisfies readonly { value: View; label: string }[];

/** What a run would begin with, in the very tokens that the model gets. */
export function FirstBatch({ dataset }: { dataset: DatasetSummary }) {
  const [view, setView] = useState<View>('tokens');
  const [batch, setBatch] = useState<Batch | null>(null);
  const plan = useSession((state) => state.plan);
  const { settings } = useReading();
  useEffect(() => {
    // A plan follows data, model and settings; without one there is nothing to pack.
    if (!plan) return;
    let isWanted = true;
    void askFirstBatch().then((found) => isWanted && found && setBatch(found));
    return () => {
      isWanted = false;
    };
  }, [plan, dataset]);
  return (
    <section className={styles.part} aria-label="First batch" data-testid="first-batch">
      <div className={styles.partHead}>
        <h3>First batch as the model sees it</h3>
        <Segments label="Show" value={view} options={views} onChange={setView} />
      </div>
      {batch ? (
        <>
          <table className="table">
            <caption className="sr">The first rows of the first batch</caption>
            <tbody>
              {batch.rows.map((row) => (
                <tr key={row.row}>
                  <td className="rownum">{formatCount(row.row)}</td>
                  <td>
                    <Tokens row={row} view={view} limit={settings.maxLength} />
                  </td>
                  <td className="num">{row.label !== null && <span className="chip">{row.label}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Legend batch={batch} view={view} />
        </>
      ) : (
        <p className="help">Shown as soon as a model is ready and the settings fit.</p>
      )}
    </section>
  );
}

function Legend({ batch, view }: { batch: Batch; view: View }) {
  const { rows, texts, tokens, target } = batch;
  const words = target === 'class' ? 'the class is read here' : 'the token after it carries loss';
  const mask = target === 'class' ? 'the classifier reads, and its class carries the loss' : 'what comes next carries loss';
  return (
    <p className={`help ${own.legend}`}>
      <span className={`${own.token} ${own.target}`}>{view === 'mask' ? '1' : words}</span>
      {view === 'mask' && <span>{`1: ${mask}; 0: it is read alone.`}</span>}
      <span>
        {formatCount(rows.length)} of {plural(texts, 'row')}. {plural(tokens, 'token')} laid end to end, none of them padding.
      </span>
    </p>
  );
}

function Tokens({ row: { tokens, leftOut, cut }, view, limit }: { row: BatchRow; view: View; limit: number }) {
  return (
    <span className={own.tokens}>
      {tokens.map((token, index) => (
        <Fragment key={index}>
          {leftOut?.after === index && <span className="quiet">{`… ${formatCount(leftOut.count)} …`}</span>}
          <span className={token.isTarget ? `${own.token} ${own.target}` : own.token} title={token.ids.join(' ')}>
            {shown(token, view)}
          </span>
        </Fragment>
      ))}
      {cut > 0 && (
        <span className={own.cut}>
          <span>{`${formatCount(cut)} more, cut at ${formatCount(limit)}`}</span>
        </span>
      )}
    </span>
  );
}

function shown({ text, ids, isTarget }: BatchToken, view: View) {
  if (view === 'ids') return ids.join(' ');
  if (view === 'mask') return isTarget ? '1' : '0';
  const [, spaces = '', rest = ''] = /^( *)(.*)$/s.exec(text) ?? [];
  return (
    <>
      {spaces !== '' && <s>{'·'.repeat(spaces.length)}</s>}
      {rest.replaceAll('\n', '⏎').replaceAll('\t', '⇥')}
    </>
  );
}
