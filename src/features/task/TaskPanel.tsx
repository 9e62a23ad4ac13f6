import { useReading, useSession } from '../../state/hooks';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { BlockPart } from './BlockPart';
import { JudgingPart } from './JudgingPart';
import { PromptFields } from './PromptFields';
import { RowView } from './RowView';
import { TaskChoices } from './TaskChoices';
import { WordsPart } from './WordsPart';
import styles from './task.module.css';

/** What is learned, and what of it the model sees. */
export function TaskPanel() {
  const reading = useReading();
  const hasData = useSession((state) => state.dataset !== null);
  const { task } = reading.settings;
  return (
    <Panel title="Task" id="task" reading={<LossReading />}>
      <TaskChoices reading={reading} />
      {task === 'head' && hasData && (
        <div className={styles.below}>
          <RowView />
        </div>
      )}
      {task === 'text' && (
        <div className={`${styles.below} ${styles.halves}`}>
          <BlockPart reading={reading} />
          {hasData && <RowView />}
        </div>
      )}
      {task === 'prompt' && (
        <>
          <div className={`${styles.below} ${styles.halves}`}>
            <PromptFields reading={reading} />
            {hasData && <RowView />}
          </div>
          <div className={`${styles.part} ${styles.halves}`}>
            {hasData && <WordsPart reading={reading} />}
            <JudgingPart reading={reading} />
          </div>
        </>
      )}
    </Panel>
  );
}

/** The share of the tokens that is learned from, once the plan of this task is there. */
function LossReading() {
  const plan = useSession((state) => state.plan);
  const { task } = useReading().settings;
  if (!plan || plan.task !== task || plan.trainRows === 0) return null;
  if (task === 'head') return <>one class a text carries the loss</>;
  // The last token of a text is learned, but not read: nothing comes after it.
  const mean = (sum: number) => mostlyWhole(sum / plan.trainRows);
  return (
    <>
      <b className="is-tuned">{mean(plan.targetsPerEpoch)}</b> of <b>{mean(plan.tokensPerEpoch + plan.trainRows)}</b> tokens a{' '}
      {task === 'prompt' ? 'text' : 'block'} carry loss
    </>
  );
}

function mostlyWhole(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);
}
