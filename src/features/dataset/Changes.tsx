import { useState } from 'react';
import { textSteps, type ChangedPiece, type CleaningReport, type CleaningSettings } from '../../../workers/api/cleaning';
import { LinkButton } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import styles from './dataset.module.css';
import { visibleSpace } from './visibleSpace';

const shownAtOnce = 3;

/** Texts before and after cleaning, struck and underlined. */
export function Changes({ cleaning, report }: { cleaning: CleaningSettings; report: CleaningReport | null }) {
  const [turn, setTurn] = useState(0);
  const isOff = textSteps.every((step) => !cleaning[step]);
  const examples = report?.examples ?? [];
  const turns = Math.max(1, Math.ceil(examples.length / shownAtOnce));
  const from = (turn % turns) * shownAtOnce;
  return (
    <div>
      <div className={styles.partHead}>
        <h3>Before and after</h3>
        {report && (
          <p className="reading" data-testid="changed-texts">
            <b>{formatCount(report.changed)}</b> {report.changed === 1 ? 'text changes' : 'texts change'}
          </p>
        )}
      </div>
      {report && examples.length === 0 ? (
        <p className="help">
          {isOff
            ? 'Switch a step on to see what it does to your texts. Until then the model reads them as they are.'
            : 'None of your texts changes under the steps that are on.'}
        </p>
      ) : (
        <div className={styles.changes} aria-live="polite">
          {examples.slice(from, from + shownAtOnce).map(({ row, pieces }) => (
            <div key={`${row} ${pieces.length}`} data-testid="change" title={`Row ${formatCount(row)}`}>
              <span className="label">Before</span>
              <span>{side(pieces, 'removed')}</span>
              <span className="label">After</span>
              <span>{side(pieces, 'added')}</span>
            </div>
          ))}
        </div>
      )}
      {examples.length > 0 && (
        <p className={`help ${styles.under}`}>
          The playground cleans in the same way, and the model card says so.{' '}
          {turns > 1 && <LinkButton onClick={() => setTurn(turn + 1)}>Show others</LinkButton>}
        </p>
      )}
    </div>
  );
}

function side(pieces: readonly ChangedPiece[], own: 'removed' | 'added') {
  return pieces
    .filter(({ kind }) => kind === 'same' || kind === own)
    .map(({ kind, text }, index) => {
      if (kind === 'same') return <span key={index}>{text}</span>;
      const { shown, isSpace } = visibleSpace(text);
      const Mark = kind === 'removed' ? 'del' : 'ins';
      return (
        <Mark key={index} className={isSpace ? styles.space : undefined}>
          {shown}
        </Mark>
      );
    });
}
