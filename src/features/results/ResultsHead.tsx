import type { ReactNode } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { IntervalScale } from '../../charts/IntervalScale';
import { formatFigure, formatShare } from '../../charts/format';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import type { ClassResult } from '../../../workers/api/results';
import { judgedOn, splitName } from './words';
import styles from './ResultsHead.module.css';

/** Base to tuned: accuracy in large figures and on a scale, the other figures below. */
export function ResultsHead({ result }: { result: ClassResult }) {
  const { base, tuned } = result;
  return (
    <section className={styles.head}>
      <h1>
        {result.origin === 'import' ? 'Imported adapter' : result.stopped ? 'Run, stopped and kept' : 'Run'}{' '}
        <span>
          {result.name}, {judgedOn(tuned, result.origin)}
        </span>
      </h1>
      <div
        className={styles.headline}
        role="img"
        aria-label={`Accuracy: base ${formatShare(base.accuracy)} percent, tuned ${formatShare(tuned.accuracy)} percent`}
      >
        <span className="is-base">
          {formatShare(base.accuracy)}
          <small>%</small>
          <span className={styles.who}>base model</span>
        </span>
        <Icon name="right" />
        <span className="is-tuned">
          {formatShare(tuned.accuracy)}
          <small>%</small>
          <span className={styles.who}>tuned model</span>
        </span>
      </div>
      <IntervalScale
        name="Accuracy"
        base={{ value: base.accuracy, interval: base.intervals.accuracy }}
        tuned={{ value: tuned.accuracy, interval: tuned.intervals.accuracy }}
        majority={tuned.majority}
      />
      <dl className={styles.minis}>
        <Mini name="Macro-F1" base={formatShare(base.macro.f1)} tuned={formatShare(tuned.macro.f1)}>
          {intervalWords(tuned.intervals.macroF1)}
        </Mini>
        <Mini name="Loss" base={formatFigure(base.loss)} tuned={formatFigure(tuned.loss)} />
        <Mini name="Calibration error" base={formatFigure(base.calibrationError)} tuned={formatFigure(tuned.calibrationError)} />
        {result.written && (
          <Mini
            name="Answers that name no label"
            base={`${formatShare(result.written.unparsed.base)}\u00a0%`}
            tuned={`${formatShare(result.written.unparsed.tuned)}\u00a0%`}
          >
            of {formatCount(result.written.samples.length)} that they wrote freely
          </Mini>
        )}
        <div>
          <dt>{splitName(tuned.split)} texts that changed</dt>
          <dd>
            {formatCount(result.righted)} righted, {formatCount(result.lost)} lost
          </dd>
        </div>
      </dl>
      <BaseNote majority={tuned.majority} byPrompt={result.task === 'prompt'} />
    </section>
  );
}

function intervalWords([low, high]: [number, number]): string {
  return `95\u00a0% interval ${formatShare(low)} to ${formatShare(high)}`;
}

function Mini({ name, base, tuned, children }: { name: string; base: string; tuned: string; children?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="is-base">{base}</span>
        <Icon name="right" />
        <span className="sr">to</span>
        <span className="is-tuned">{tuned}</span>
      </dd>
      {children !== undefined && <dd className={styles.miniNote}>{children}</dd>}
    </div>
  );
}
