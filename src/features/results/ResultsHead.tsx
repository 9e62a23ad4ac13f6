import { BaseNote } from '../../charts/BaseNote';
import { IntervalScale } from '../../charts/IntervalScale';
import { formatFigure, formatShare } from '../../charts/format';
import { mostNamedClasses } from '../../charts/matrix';
import { formatCount } from '../../ui/format';
import { Segments } from '../../ui/Segments';
import type { ClassResult, JudgedBy } from '../../../workers/api/results';
import { Figure, Figures, Headline } from './Figures';
import { majorityMacroF1, type JudgedResult } from './judged';
import { RateNote } from './RateNote';
import { splitName, textsWords, worthWords } from './words';
import { RunTitle } from './RunTitle';
import styles from './ResultsHead.module.css';

interface ResultsHeadProps {
  result: ClassResult;
  judged: JudgedResult;
  onJudgeBy: (judgedBy: JudgedBy) => void;
}

/** Base to tuned: one figure large and on a scale, the others below. By prompt macro-F1 leads, as answers can be none of the classes. */
export function ResultsHead({ result, judged, onJudgeBy }: ResultsHeadProps) {
  const { base, tuned } = judged;
  const byPrompt = result.task === 'prompt';
  const whole = result.tuned.count;
  return (
    <section className={styles.head}>
      <div className={styles.title}>
        <h1>
          <RunTitle result={result} />{' '}
          <span>
            {result.name}
            {byPrompt && ' by prompt'}, judged on {textsWords(tuned, whole)}
            {worthWords(tuned.split, result.origin)}
          </span>
        </h1>
        {result.written && <JudgedByChoice value={judged.judgedBy} onChange={onJudgeBy} />}
      </div>
      {byPrompt ? (
        <Headline
          name="Macro-F1"
          base={formatShare(base.macro.f1)}
          tuned={formatShare(tuned.macro.f1)}
          isPercent={false}
          under=", macro-F1"
          testId="headline"
        />
      ) : (
        <Headline
          name="Accuracy"
          base={formatShare(base.accuracy)}
          tuned={formatShare(tuned.accuracy)}
          isPercent
          testId="headline"
        />
      )}
      <Scale judged={judged} byPrompt={byPrompt} />
      {byPrompt ? <PromptFigures result={result} judged={judged} /> : <HeadFigures result={result} />}
      {!byPrompt && <BaseNote majority={tuned.majority} />}
      <RateNote result={result} />
    </section>
  );
}

const ways = [
  { value: 'writing', label: 'What it writes' },
  { value: 'likelihood', label: 'Likelihood' },
] as const;

function JudgedByChoice({ value, onChange }: { value: JudgedBy; onChange: (judgedBy: JudgedBy) => void }) {
  return (
    <div className={styles.judgedBy} data-testid="judged-by">
      <span className="reading">judged by</span>
      <Segments label="Judged by" value={value} options={ways} onChange={onChange} />
    </div>
  );
}

function Scale({ judged: { base, tuned, labels }, byPrompt }: { judged: JudgedResult; byPrompt: boolean }) {
  if (!byPrompt) {
    return (
      <IntervalScale
        name="Accuracy"
        base={{ value: base.accuracy, interval: base.intervals.accuracy }}
        tuned={{ value: tuned.accuracy, interval: tuned.intervals.accuracy }}
        majority={tuned.majority}
      />
    );
  }
  return (
    <IntervalScale
      name="Macro-F1"
      base={{ value: base.macro.f1, interval: base.intervals.macroF1 }}
      tuned={{ value: tuned.macro.f1, interval: tuned.intervals.macroF1 }}
      majority={{ label: tuned.majority.label, share: majorityMacroF1(tuned, labels.length) }}
      isPercent={false}
    />
  );
}

function HeadFigures({ result }: { result: ClassResult }) {
  const { base, tuned } = result;
  const isMany = result.labels.length > mostNamedClasses;
  return (
    <Figures>
      <Figure name="Macro-F1" base={formatShare(base.macro.f1)} tuned={formatShare(tuned.macro.f1)}>
        {intervalWords(tuned.intervals.macroF1)}
      </Figure>
      <Figure name="Loss" base={formatFigure(base.loss)} tuned={formatFigure(tuned.loss)} />
      {isMany ? (
        <ManyFigures result={result} />
      ) : (
        <>
          <Figure
            name="Calibration error"
            base={formatFigure(base.calibrationError)}
            tuned={formatFigure(tuned.calibrationError)}
          />
          <Changed judged={result} />
        </>
      )}
    </Figures>
  );
}

/** Below it a class is called weak. */
const weakF1 = 0.75;

function ManyFigures({ result: { base, tuned, labels } }: { result: ClassResult }) {
  const weak = tuned.perClass.filter(({ f1 }) => f1 < weakF1).length;
  return (
    <>
      <Figure name="Right in the first 3" base={percent(base.topThreeAccuracy)} tuned={percent(tuned.topThreeAccuracy)} />
      <div>
        <dt>Classes under F1 {weakF1 * 100}</dt>
        <dd>
          {formatCount(weak)} of {formatCount(labels.length)}
        </dd>
      </div>
    </>
  );
}

function PromptFigures({ result, judged }: { result: ClassResult; judged: JudgedResult }) {
  const { written } = result;
  const { base, tuned, judgedBy, labels } = judged;
  const isWriting = judgedBy === 'writing';
  const other = isWriting ? result : written;
  const isPart = written !== null && written.tuned.count < result.tuned.count;
  return (
    <Figures>
      {written && (
        <Figure name="Answers that name no label" base={percent(written.unparsed.base)} tuned={percent(written.unparsed.tuned)}>
          {isPart && !isWriting ? `of ${textsWords(written.tuned, result.tuned.count)}` : undefined}
        </Figure>
      )}
      <Figure name="Accuracy" base={percent(base.accuracy)} tuned={percent(tuned.accuracy)}>
        {intervalWords(tuned.intervals.accuracy)}
      </Figure>
      {other && (
        <Figure
          name={isWriting ? 'Macro-F1 by likelihood' : 'Macro-F1 of what it writes'}
          base={formatShare(other.base.macro.f1)}
          tuned={formatShare(other.tuned.macro.f1)}
        >
          {isPart ? `of ${textsWords(other.tuned, result.tuned.count)}` : undefined}
        </Figure>
      )}
      <Figure name="Loss over the labels" base={formatFigure(result.base.loss)} tuned={formatFigure(result.tuned.loss)} />
      {!isWriting && labels.length > mostNamedClasses ? <ManyFigures result={result} /> : <Changed judged={judged} />}
      {!isWriting && (
        <Figure
          name="Calibration error"
          base={formatFigure(result.base.calibrationError)}
          tuned={formatFigure(result.tuned.calibrationError)}
        />
      )}
    </Figures>
  );
}

function Changed({ judged: { tuned, righted, lost } }: { judged: Pick<JudgedResult, 'tuned' | 'righted' | 'lost'> }) {
  return (
    <div>
      <dt>{splitName(tuned.split)} texts that changed</dt>
      <dd>
        {formatCount(righted)} righted, {formatCount(lost)} lost
      </dd>
    </div>
  );
}

function percent(share: number): string {
  return `${formatShare(share)}\u00a0%`;
}

function intervalWords([low, high]: [number, number]): string {
  return `95\u00a0% interval ${formatShare(low)} to ${formatShare(high)}`;
}
