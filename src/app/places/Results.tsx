import { useState } from 'react';
import { mostNamedClasses } from '../../charts/matrix';
import { AdapterCard, AdapterDock } from '../../features/adapter/AdapterCard';
import { Playground } from '../../features/playground/Playground';
import { Writing } from '../../features/playground/Writing';
import { CellTexts } from '../../features/results/CellTexts';
import { ClassTable } from '../../features/results/ClassTable';
import { LargestConfusions } from '../../features/results/LargestConfusions';
import { ManyMatrix } from '../../features/results/ManyMatrix';
import { Matrices } from '../../features/results/Matrices';
import { Samples } from '../../features/results/Samples';
import { ResultsEmpty } from '../../features/results/ResultsEmpty';
import { ResultsHead } from '../../features/results/ResultsHead';
import { SliceSide } from '../../features/results/SliceSide';
import { Slices } from '../../features/results/Slices';
import { firstCell } from '../../features/results/cell';
import { TextResultsHead } from '../../features/results/TextResults';
import { useSlices } from '../../features/results/useSlices';
import { useRun } from '../../state/hooks';
import type { ClassResult, RunResult, TextResult } from '../../../workers/api/results';
import styles from './Results.module.css';

/** What the last run, or an imported adapter, can do. */
export function Results() {
  const result = useRun((state) => state.result);
  return (
    <main id="main" className={styles.page}>
      {result === null ? <ResultsEmpty /> : <AnyResults key={resultKey(result)} result={result} />}
    </main>
  );
}

/** A new result starts with its own cell, list and sentence. */
function resultKey(result: RunResult): string {
  return `${result.origin} ${result.name} ${result.steps} ${result.elapsedSeconds} ${result.tuned.loss}`;
}

function AnyResults({ result }: { result: RunResult }) {
  return result.task === 'text' ? <TextBody result={result} /> : <ResultsBody result={result} />;
}

function TextBody({ result }: { result: TextResult }) {
  return (
    <>
      <div className={styles.wide}>
        <TextResultsHead result={result} />
      </div>
      <div className={styles.side}>
        <AdapterCard result={result} />
      </div>
      <div className={styles.wide}>
        <Writing result={result} />
      </div>
      <AdapterDock result={result} />
    </>
  );
}

function ResultsBody({ result }: { result: ClassResult }) {
  const [cell, setCell] = useState(() => firstCell(result));
  const isMany = result.labels.length > mostNamedClasses;
  const slices = useSlices(result);
  const choice = { result, cell, onChoose: setCell };
  return (
    <>
      <div className={styles.wide}>
        <ResultsHead result={result} />
      </div>
      <div className={styles.side}>
        <AdapterCard result={result} />
      </div>
      {result.written && (
        <div className={styles.wide}>
          <Samples result={result} />
        </div>
      )}
      <div className={styles.wide}>{isMany ? <ManyMatrix {...choice} /> : <Matrices {...choice} />}</div>
      <div className={styles.side}>
        {isMany && <LargestConfusions {...choice} />}
        <CellTexts result={result} cell={cell} />
        <Playground result={result} />
      </div>
      <div className={styles.wide}>
        <ClassTable result={result} />
      </div>
      <div className={styles.wide}>
        <Slices view={slices} />
      </div>
      <div className={styles.side}>
        <SliceSide view={slices} result={result} />
      </div>
      <AdapterDock result={result} />
    </>
  );
}
