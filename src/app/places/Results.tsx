import { useMemo, useState, type ReactNode } from 'react';
import { mostNamedClasses } from '../../charts/matrix';
import { AdapterCard, AdapterDock } from '../../features/adapter/AdapterCard';
import { TakeAway } from '../../features/adapter/TakeAway';
import { LabelFile } from '../../features/labelling/LabelFile';
import { NoLabels } from '../../features/labelling/NoLabels';
import { Playground } from '../../features/playground/Playground';
import { PromptShown } from '../../features/playground/PromptShown';
import { Sampling } from '../../features/playground/Sampling';
import { Writing } from '../../features/playground/Writing';
import { useWritingDraft, type WritingDraft } from '../../features/playground/useWritingDraft';
import { CellTexts } from '../../features/results/CellTexts';
import { ClassHistogram } from '../../features/results/ClassHistogram';
import { ClassTable } from '../../features/results/ClassTable';
import { LargestConfusions } from '../../features/results/LargestConfusions';
import { ManyMatrix } from '../../features/results/ManyMatrix';
import { Matrices } from '../../features/results/Matrices';
import { Samples } from '../../features/results/Samples';
import { ResultsEmpty } from '../../features/results/ResultsEmpty';
import { ResultsHead } from '../../features/results/ResultsHead';
import { SliceSide } from '../../features/results/SliceSide';
import { Slices } from '../../features/results/Slices';
import { WhatMayHelp } from '../../features/results/WhatMayHelp';
import { firstCell } from '../../features/results/cell';
import { judgedResult, type JudgedResult } from '../../features/results/judged';
import { TextResultsHead } from '../../features/results/TextResults';
import { useSlices, type SlicesView } from '../../features/results/useSlices';
import { useLabelling, useRun, useSession } from '../../state/hooks';
import { firstJudgedBy } from '../../../workers/api/judgedBy';
import type { ClassResult, RunResult, TextResult } from '../../../workers/api/results';
import styles from './Results.module.css';

/** What the last run, or an imported adapter, can do. */
export function Results() {
  const result = useRun((state) => state.result);
  return (
    <main id="main" className={styles.page}>
      {result === null ? <WithoutResult /> : <AnyResults key={resultKey(result)} result={result} />}
    </main>
  );
}

/** A table of an earlier visit needs no result to go on. */
function WithoutResult() {
  const hasTable = useLabelling().kept !== null;
  const adapter = useSession((state) => state.adapter);
  return (
    <>
      {hasTable && <LabelFile source={adapter ? 'adapter' : null} pair={adapter?.textPair ?? null} />}
      <ResultsEmpty />
    </>
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
  const draft = useWritingDraft();
  return (
    <>
      <div className={styles.wide}>
        <TextResultsHead result={result} />
      </div>
      <div className={styles.side}>
        <AdapterCard result={result} />
      </div>
      <WritingPlace result={result} draft={draft} />
      <div className={styles.wide}>
        <NoLabels />
      </div>
      <div className={styles.wide}>
        <TakeAway result={result} />
      </div>
      <AdapterDock result={result} />
    </>
  );
}

/** Both models write, with what they are given beside them. */
function WritingPlace({ result, draft, children }: { result: RunResult; draft: WritingDraft; children?: ReactNode }) {
  return (
    <>
      <div className={styles.wide}>
        <Writing result={result} draft={draft}>
          {children}
        </Writing>
      </div>
      <div className={styles.side}>
        <Sampling draft={draft} isJudged={result.task === 'prompt'} />
        <PromptShown result={result} text={draft.text} />
      </div>
    </>
  );
}

function ResultsBody({ result }: { result: ClassResult }) {
  const [judgedBy, setJudgedBy] = useState(() => firstJudgedBy(result));
  const judged = useMemo(() => judgedResult(result, judgedBy), [result, judgedBy]);
  const slices = useSlices(judged, result.task === 'prompt' ? 'macroF1' : 'accuracy');
  const draft = useWritingDraft();
  const parts = { result, judged, slices };
  return (
    <>
      <div className={styles.wide}>
        <ResultsHead result={result} judged={judged} onJudgeBy={setJudgedBy} />
      </div>
      <div className={styles.side}>
        <AdapterCard result={result} />
      </div>
      {result.task === 'prompt' ? (
        <>
          <WritingPlace result={result} draft={draft}>
            <Samples result={result} />
          </WritingPlace>
          <SlicePlace {...parts} />
          <ErrorPlace key={judgedBy} {...parts} />
        </>
      ) : (
        <>
          <ErrorPlace {...parts} />
          <SlicePlace {...parts} />
        </>
      )}
      <div className={styles.wide}>
        <LabelFile source="result" pair={result.preparation.mapping.textPair ?? null} />
      </div>
      <div className={styles.wide}>
        <TakeAway result={result} />
      </div>
      <AdapterDock result={result} shown={judged} />
    </>
  );
}

interface PartProps {
  result: ClassResult;
  judged: JudgedResult;
  slices: SlicesView;
}

function SlicePlace({ judged, slices }: PartProps) {
  return (
    <>
      <div className={styles.wide}>
        <Slices view={slices} />
      </div>
      <div className={styles.side}>
        <SliceSide view={slices} result={judged} />
      </div>
    </>
  );
}

/** The matrix, the texts behind its cells, and the classes one by one. */
function ErrorPlace({ result, judged }: PartProps) {
  const [cell, setCell] = useState(() => firstCell(judged));
  const isMany = judged.labels.length > mostNamedClasses;
  const choice = { result: judged, cell, onChoose: setCell };
  return (
    <>
      <div className={styles.wide}>{isMany ? <ManyMatrix {...choice} /> : <Matrices {...choice} />}</div>
      <div className={styles.side}>
        {isMany && <LargestConfusions {...choice} />}
        <CellTexts result={judged} cell={cell} />
        {result.task === 'head' && <Playground result={result} />}
      </div>
      <div className={styles.wide}>
        <ClassTable result={judged} />
      </div>
      {isMany && (
        <div className={styles.side}>
          <ClassHistogram result={judged} />
          <WhatMayHelp result={judged} weighing={result.settings} onChoose={setCell} />
        </div>
      )}
    </>
  );
}
