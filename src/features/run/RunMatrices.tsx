import { ConfusionMatrix } from '../../charts/ConfusionMatrix';
import { ShadeMatrix } from '../../charts/ShadeMatrix';
import { labelWidth, mostNamedClasses } from '../../charts/matrix';
import { formatPercent } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import type { EvaluationPoint } from '../../state/run';
import styles from './run.module.css';

interface RunMatricesProps {
  labels: readonly string[];
  base: EvaluationPoint | null;
  /** The latest of the model being tuned. */
  tuned: EvaluationPoint | null;
}

/** Where both models err, side by side. */
export function RunMatrices({ labels, base, tuned }: RunMatricesProps) {
  return (
    <Panel
      level={3}
      title={
        <>
          Where it errs
          {tuned && <span className={styles.wide}>, step {tuned.step}</span>}
        </>
      }
      reading="rows true, columns predicted"
    >
      {base === null ? (
        <p className="label">The base model is evaluated first; then its matrix stands here.</p>
      ) : (
        <Pair labels={labels} base={base} tuned={tuned} />
      )}
    </Panel>
  );
}

function Pair({ labels, base, tuned }: RunMatricesProps & { base: EvaluationPoint }) {
  const baseCaption = (
    <>
      <b className="is-base">Base</b> {formatPercent(base.evaluation.accuracy)}
    </>
  );
  const tunedCaption = tuned && (
    <>
      <b className="is-tuned">Tuned</b> {formatPercent(tuned.evaluation.accuracy)}
    </>
  );
  const waiting = <p className="label">The tuned model’s matrix follows at the first evaluation.</p>;
  if (labels.length > mostNamedClasses) {
    return (
      <div className={styles.shadePair}>
        <div>
          <p className={styles.caption}>{baseCaption}</p>
          <ShadeMatrix
            labels={labels}
            counts={base.evaluation.confusion}
            role="base"
            name="base model"
            shade="everything"
            small
          />
        </div>
        {tuned ? (
          <div>
            <p className={styles.caption}>{tunedCaption}</p>
            <ShadeMatrix
              labels={labels}
              counts={tuned.evaluation.confusion}
              role="tuned"
              name="tuned model"
              shade="everything"
              small
            />
          </div>
        ) : (
          waiting
        )}
      </div>
    );
  }
  return (
    <div
      className={styles.matrixPair}
      data-classes={labels.length > 4 ? 'many' : 'few'}
      data-two-digits={labels.length > 9}
      style={labelWidth(labels)}
    >
      <ConfusionMatrix labels={labels} counts={base.evaluation.confusion} role="base" caption={baseCaption} />
      {tuned ? (
        <ConfusionMatrix labels={labels} counts={tuned.evaluation.confusion} role="tuned" caption={tunedCaption} bare />
      ) : (
        waiting
      )}
    </div>
  );
}
