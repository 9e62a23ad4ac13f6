import { PairChart, type PairCurve } from '../../charts/PairChart';
import type { CurvePoint, ListedRun, RunComparison, RunCurves } from '../../../workers/api/runs';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
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
  return (
    <Panel
      title={`Run ${a.number} beside run ${b.number}`}
      reading={
        <span data-testid="compared-on">
          <Key letter="A" /> run {a.number}, solid. <Key letter="B" /> run {b.number}, dashed. {found && judgedOn(a, found)}
        </span>
      }
    >
      {found && (
        <>
          <div className={styles.pair}>
            <PairChart title="Validation loss" unit="loss" curves={curvesOf(found.curves, ({ loss }) => loss)} />
            {found.texts && (
              <PairChart
                title="Validation accuracy"
                unit="score"
                curves={curvesOf(found.curves, ({ accuracy }) => accuracy ?? NaN)}
              />
            )}
            <WhatDiffers a={a} b={b} found={found} />
          </div>
          {found.texts && found.texts.common > 0 && (
            <DisagreementTexts
              key={`${a.id} ${b.id}`}
              a={a}
              b={b}
              total={found.texts.disagreements}
              common={found.texts.common}
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

function judgedOn({ figures }: ListedRun, { texts }: RunComparison): string {
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
