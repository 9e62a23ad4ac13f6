import { useState } from 'react';
import { PairChart, type PairCurve } from '../../charts/PairChart';
import type { JudgedBy } from '../../../workers/api/results';
import type { ComparedJudgements, CurvePoint, ListedRun, RunComparison, RunCurves } from '../../../workers/api/runs';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import { DisagreementTexts } from './DisagreementTexts';
import { WhatDiffers } from './WhatDiffers';
import styles from './runs.module.css';

interface ComparisonProps {
  a: ListedRun;
  b: ListedRun;
  /** Null while it is being computed. */
  found: RunComparison | null;
}

/** Two runs beside each other: A solid, B dashed. */
export function Comparison({ a, b, found }: ComparisonProps) {
  const [chosen, setChosen] = useState<JudgedBy | null>(null);
  const judgedBy = found?.written ? (chosen ?? usualJudgedBy(found)) : 'likelihood';
  const judged = judgedBy === 'writing' ? (found?.written ?? found) : found;
  return (
    <Panel
      title={`Run ${a.number} beside run ${b.number}`}
      reading={
        <span data-testid="compared-on">
          <Key letter="A" /> run {a.number}, solid. <Key letter="B" /> run {b.number}, dashed. {judged && judgedOn(a, judged)}
        </span>
      }
    >
      {found && judged && (
        <>
          {found.written && (
            <div className={styles.judgedBy}>
              <span className="label">Answers are read</span>
              <Segments
                label="Answers are read"
                value={judgedBy}
                options={[
                  { value: 'likelihood', label: 'by likelihood' },
                  { value: 'writing', label: 'as written' },
                ]}
                onChange={setChosen}
              />
            </div>
          )}
          <div className={styles.pair}>
            <PairChart title="Validation loss" unit="loss" curves={curvesOf(found.curves, ({ loss }) => loss)} />
            {found.texts && (
              <PairChart
                title={found.written ? 'Validation accuracy, by likelihood' : 'Validation accuracy'}
                unit="score"
                curves={curvesOf(found.curves, ({ accuracy }) => accuracy ?? NaN)}
              />
            )}
            <WhatDiffers a={a} b={b} found={judged} />
          </div>
          {judged.texts && judged.texts.common > 0 && (
            <DisagreementTexts
              key={`${a.id} ${b.id} ${judgedBy}`}
              a={a}
              b={b}
              judgedBy={judgedBy}
              total={judged.texts.disagreements}
              common={judged.texts.common}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function Key({ letter }: { letter: 'A' | 'B' }) {
  return (
    <span className={styles.box} data-on="true">
      {letter}
    </span>
  );
}

/** What they write comes first, as in Results, where it was seen of every text that they were judged on. */
function usualJudgedBy({ texts, written }: RunComparison): JudgedBy {
  return written?.texts && written.texts.ofA === texts?.ofA && written.texts.ofB === texts.ofB ? 'writing' : 'likelihood';
}

function judgedOn({ figures }: ListedRun, { texts }: ComparedJudgements): string {
  if (!texts) return 'They learned different tasks or plain text, so no texts are compared.';
  const { common, ofA, ofB } = texts;
  if (common === ofA && common === ofB) return `On the same ${formatCount(common)} ${figures.split} texts`;
  if (common === 0) return 'Judged on different texts';
  return `Judged on different texts: ${formatCount(common)} of ${formatCount(ofA)} and ${formatCount(ofB)} are the same`;
}

function curvesOf({ a, b }: RunComparison['curves'], figure: (point: CurvePoint) => number): PairCurve[] {
  return [curveOf('A', a, figure), curveOf('B', b, figure)];
}

function curveOf(
  name: PairCurve['name'],
  { totalSteps, base, tuned }: RunCurves,
  figure: (point: CurvePoint) => number,
): PairCurve {
  const all = base && tuned[0]?.step !== 0 ? [base, ...tuned] : tuned;
  return {
    name,
    base: base && figure(base),
    points: all
      .map((point) => ({ x: point.step / Math.max(1, totalSteps), y: figure(point) }))
      .filter(({ y }) => Number.isFinite(y)),
  };
}
