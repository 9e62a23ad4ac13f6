import type { LabellingProgress } from '../../../workers/api/labelling';
import { stopLabelling } from '../../state/labelling';
import { Button } from '../../ui/Button';
import { formatCount, formatDuration, formatPercent } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import styles from './labelling.module.css';

/** A table being read or labelled. */
export function LabellingWork({ work, progress }: { work: 'reading' | 'labelling'; progress: LabellingProgress | null }) {
  return (
    <div className={styles.work}>
      <Meter label={work === 'reading' ? 'Read' : 'Labelled'} share={progress?.share ?? null} />
      <div className={styles.workLine}>
        <p data-testid="label-progress">{wordsOf(work, progress)}</p>
        <Button size="sm" onClick={() => void stopLabelling()} data-testid="label-stop">
          {work === 'reading' ? 'Stop' : 'Stop and keep'}
        </Button>
      </div>
      {work === 'labelling' && (
        <p className="help">
          What is labelled lies on this device: after a reload it goes on at the same row. Leave this place if you like.
        </p>
      )}
    </div>
  );
}

function wordsOf(work: 'reading' | 'labelling', progress: LabellingProgress | null): string {
  if (!progress) return work === 'reading' ? 'Reading the table' : 'Getting the model ready';
  const { phase, done, total, share, rowsPerSecond, secondsLeft } = progress;
  if (phase === 'reading') return `${formatCount(done)} rows read, ${formatPercent(share ?? 0, 0)} of the file`;
  const rows = `${formatCount(done)} of ${formatCount(total ?? 0)} rows`;
  if (phase === 'preparing') return done === 0 ? 'Getting the model ready' : `${rows}, getting the model ready`;
  if (phase === 'waiting') return `${rows}, waiting for the run under way`;
  const rate = rowsPerSecond === null ? '' : `, ${rateOf(rowsPerSecond)} rows a second`;
  const left = secondsLeft === null ? '' : `, ${formatDuration(Math.ceil(secondsLeft))} left`;
  return rows + rate + left;
}

function rateOf(rowsPerSecond: number): string {
  return rowsPerSecond < 10 ? rowsPerSecond.toFixed(1) : formatCount(rowsPerSecond);
}
