import { useState } from 'react';
import type { KeptFigures, ListedRun } from '../../../workers/api/runs';
import { RunScore } from '../../charts/RunScore';
import { RunSpark } from '../../charts/RunSpark';
import { IconButton, LinkButton } from '../../ui/Button';
import { formatDuration } from '../../ui/format';
import { saveFile } from '../../ui/saveFile';
import { adapterOfRun, openRun, toggleChosen } from '../../state/keptRunCommands';
import { useKeptRuns } from '../../state/hooks';
import { Changes } from './Changes';
import { RunMore } from './RunMore';
import { startedWords, whatChanged } from './whatChanged';
import styles from './runs.module.css';

interface RunRowProps {
  run: ListedRun;
  /** The run before it, or null. */
  before: ListedRun | null;
  all: readonly ListedRun[];
  isBest: boolean;
  /** "A" or "B" where it is compared, "" where it is chosen and waits for another. */
  letter: 'A' | 'B' | null;
  /** The left end of the scale of accuracies. */
  bottom: number;
  now: number;
}

export const columnCount = 10;

/** One kept run, and what can be done with it under it. */
export function RunRow({ run, before, all, isBest, letter, bottom, now }: RunRowProps) {
  const [isOpen, setOpen] = useState(false);
  const busy = useKeptRuns((state) => state.busy);
  const { id, number, figures } = run;
  const save = async () => {
    const archive = await adapterOfRun(id);
    if (archive) saveFile(archive.name, archive.blob);
  };
  const changes = whatChanged(run, before, all);
  const row = [styles.row, letter ? styles.chosen : '', isOpen ? styles.open : ''].filter(Boolean).join(' ');
  return (
    <>
      <tr className={row} data-testid={`run-${number}`}>
        <td>
          <button
            type="button"
            role="checkbox"
            aria-checked={letter !== null}
            aria-label={`Compare run ${number}`}
            className={styles.compare}
            onClick={() => void toggleChosen(id)}
          >
            <span className={styles.box} data-on={letter !== null}>
              {letter}
            </span>
          </button>
        </td>
        <th scope="row" className="num">
          <LinkButton
            title={`Open the results of run ${number}`}
            aria-label={`Run ${number}: open its results`}
            onClick={() => void openRun(run)}
          >
            {number}
          </LinkButton>
        </th>
        <td className={styles.changeCell}>
          <Changes changes={changes} name={run.isRenamed ? run.name : null} isBest={isBest} />
        </td>
        <Figures figures={figures} bottom={bottom} />
        <td className={styles.lossColumn}>
          <ValidationLoss run={run} />
        </td>
        <td className={`num nowrap ${styles.tookColumn}`}>
          {run.origin === 'import' ? '–' : formatDuration(run.elapsedSeconds)}
        </td>
        <td className={`nowrap quiet ${styles.whenColumn}`}>{startedWords(run.startedAt, now)}</td>
        <td>
          <div className={styles.acts}>
            <IconButton
              icon="download"
              label={`Download the adapter of run ${number}`}
              disabled={busy === id}
              onClick={() => void save()}
            />
            <IconButton
              icon="down"
              label={`More about run ${number}`}
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
              data-testid={`run-${number}-more`}
            />
          </div>
        </td>
      </tr>
      {isOpen && (
        <tr className={styles.more}>
          <td colSpan={columnCount}>
            <RunMore run={run} now={now} />
          </td>
        </tr>
      )}
    </>
  );
}

function Figures({ figures, bottom }: { figures: KeptFigures; bottom: number }) {
  if (figures.kind === 'text') {
    const { base, tuned } = figures;
    return (
      <>
        <td className={`quiet ${styles.scaleColumn}`}>Perplexity, from {perplexity(base.perplexity)}</td>
        <td className={`num is-tuned ${styles.figure} ${styles.figureCell}`}>{perplexity(tuned.perplexity)}</td>
        <td className={`num quiet ${styles.f1Column}`}>–</td>
      </>
    );
  }
  const { base, tuned } = figures;
  const [low, high] = tuned.accuracyInterval;
  return (
    <>
      <td className={styles.scaleColumn}>
        <RunScore
          sentence={`Accuracy from ${percent(base.accuracy)} to ${percent(tuned.accuracy)} percent, 95 % interval ${percent(low)} to ${percent(high)}.`}
          base={base.accuracy}
          tuned={tuned.accuracy}
          interval={tuned.accuracyInterval}
          bottom={bottom}
        />
      </td>
      <td className={`num is-tuned ${styles.figure} ${styles.figureCell}`}>{percent(tuned.accuracy)}</td>
      <td className={`num ${styles.f1Column}`}>{percent(tuned.macroF1)}</td>
    </>
  );
}

function ValidationLoss({ run: { validationLoss, bestStep } }: { run: ListedRun }) {
  const kept = validationLoss.findLast(({ step }) => step === bestStep) ?? validationLoss.at(-1);
  if (!kept) return <span className="quiet">–</span>;
  return (
    <span className={styles.loss}>
      <RunSpark points={validationLoss.map(({ step, loss }) => ({ x: step, y: loss }))} />
      <span>{kept.loss.toFixed(3)}</span>
    </span>
  );
}

function percent(share: number): string {
  return (share * 100).toFixed(1);
}

function perplexity(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
