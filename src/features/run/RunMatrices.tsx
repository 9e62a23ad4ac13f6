import { ConfusionMatrix } from '../../charts/ConfusionMatrix';
import { ShadeMatrix } from '../../charts/ShadeMatrix';
import { labelWidth, mostNamedClasses, type MatrixRole } from '../../charts/matrix';
import { formatPercent } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import type { EvaluationPoint } from '../../state/run';
import styles from './RunMatrices.module.css';

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

type PairProps = RunMatricesProps & { base: EvaluationPoint };

/** Over so many classes that names have no room, shades alone. */
function Pair(props: PairProps) {
  return props.labels.length > mostNamedClasses ? <ShadePair {...props} /> : <CountPair {...props} />;
}

function ShadePair({ labels, base, tuned }: PairProps) {
  return (
    <div className={styles.shadePair}>
      <CaptionedShades labels={labels} role="base" point={base} />
      {tuned ? <CaptionedShades labels={labels} role="tuned" point={tuned} /> : <Waiting />}
    </div>
  );
}

function CaptionedShades({ labels, role, point }: { labels: readonly string[]; role: MatrixRole; point: EvaluationPoint }) {
  return (
    <div>
      <p className={styles.caption}>
        <Caption role={role} point={point} />
      </p>
      <ShadeMatrix
        labels={labels}
        counts={point.evaluation.confusion}
        role={role}
        name={`${role} model`}
        shade="everything"
        small
      />
    </div>
  );
}

function CountPair({ labels, base, tuned }: PairProps) {
  return (
    <div
      className={styles.matrixPair}
      data-classes={labels.length > 4 ? 'many' : 'few'}
      data-two-digits={labels.length > 9}
      style={labelWidth(labels)}
    >
      <ConfusionMatrix
        labels={labels}
        counts={base.evaluation.confusion}
        role="base"
        caption={<Caption role="base" point={base} />}
      />
      {tuned ? (
        <ConfusionMatrix
          labels={labels}
          counts={tuned.evaluation.confusion}
          role="tuned"
          caption={<Caption role="tuned" point={tuned} />}
          bare
        />
      ) : (
        <Waiting />
      )}
    </div>
  );
}

function Caption({ role, point }: { role: MatrixRole; point: EvaluationPoint }) {
  return (
    <>
      <b className={`is-${role}`}>{role === 'base' ? 'Base' : 'Tuned'}</b> {formatPercent(point.evaluation.accuracy)}
    </>
  );
}

function Waiting() {
  return <p className="label">The tuned model’s matrix follows at the first evaluation.</p>;
}
