import type { CurvePoint, KeptRun, RunCourse } from '../../../workers/api/runs';
import { goTo } from '../../state/place';
import { Button } from '../../ui/Button';
import { formatCount, formatDuration } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import '../../ui/Table.css';
import { Gauge } from './Gauge';
import { clockTime } from './resumeWords';
import styles from './RunStrip.module.css';

/** What a kept run was, above its charts: it has ended, and nothing can be done with it here but look. */
export function OpenedStrip({ course: { run, tokensPerSecond } }: { course: RunCourse }) {
  const isImport = run.origin === 'import';
  return (
    <section className={styles.strip} aria-label="Run opened from Runs">
      <div className={styles.stripMain}>
        <div className={styles.state}>
          <b data-testid="opened-run">Run {run.number}, opened from Runs</b>
          <span className="label">
            {run.name}, {clockTime(run.startedAt)}
          </span>
        </div>
        {!isImport && (
          <dl className={styles.gauges}>
            <Gauge
              name="Steps"
              value={formatCount(run.steps)}
              {...(run.stopped && { note: `of ${formatCount(run.totalSteps)}` })}
            />
            <Gauge name="Took" value={formatDuration(run.elapsedSeconds)} />
            <Gauge name="Tokens a second" value={formatCount(tokensPerSecond)} />
          </dl>
        )}
      </div>
      <div className={styles.acts}>
        <OpenedActions />
      </div>
    </section>
  );
}

/** The same ways on at the bottom of a narrow page. */
export function OpenedDock() {
  return (
    <div className="dock">
      <OpenedActions className="fill" />
    </div>
  );
}

function OpenedActions({ className }: { className?: string }) {
  return (
    <>
      <Button className={className} onClick={() => goTo('runs')}>
        Back to Runs
      </Button>
      <Button className={className} kind="go" onClick={() => goTo('results')}>
        See the results
      </Button>
    </>
  );
}

/** What was measured on the validation texts on the way. */
export function MeasuredOnTheWay({ course: { run, base, tuned } }: { course: RunCourse }) {
  const rows = [...(base ? [base] : []), ...tuned];
  if (rows.length === 0) return null;
  const isText = run.task === 'text';
  return (
    <Panel level={3} title="Evaluations" reading={`on the validation ${isText ? 'blocks' : 'texts'}`}>
      <table className="table" data-testid="opened-evaluations">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className="num">
              Loss
            </th>
            <th scope="col" className="num">
              {isText ? 'Perplexity' : 'Accuracy'}
            </th>
            {!isText && (
              <th scope="col" className="num">
                Macro-F1
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((point) => (
            <Row key={point === base ? 'base' : point.step} point={point} isBase={point === base} run={run} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ point: { step, loss, accuracy, macroF1 }, isBase, run }: { point: CurvePoint; isBase: boolean; run: KeptRun }) {
  const tone = isBase ? 'is-base' : 'is-tuned';
  const percent = (share: number | null): string => (share === null ? '–' : (share * 100).toFixed(1));
  return (
    <tr>
      <td>
        {isBase ? 'Base model' : formatCount(step)}
        {!isBase && step === run.bestStep && ', kept'}
      </td>
      <td className="num">{loss.toFixed(3)}</td>
      <td className={`num ${tone}`}>{run.task === 'text' ? Math.exp(loss).toFixed(2) : percent(accuracy)}</td>
      {run.task !== 'text' && <td className={`num ${tone}`}>{percent(macroF1)}</td>}
    </tr>
  );
}

/** What happened on the way. */
export function CourseNotices({ notices }: Pick<KeptRun, 'notices'>) {
  return notices.map((notice, index) => (
    <p key={index} className="help">
      {notice}
    </p>
  ));
}
