import { ConfusionMatrix, ShadeRamp } from '../../charts/ConfusionMatrix';
import { labelWidth } from '../../charts/matrix';
import { Panel } from '../../ui/Panel';
import { chosenIn, type ChosenCell } from './cell';
import type { JudgedResult } from './judged';
import { columnsMean } from './words';
import styles from './Matrices.module.css';

interface MatricesProps {
  result: JudgedResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

/** Both matrices side by side; a cell opens its texts. */
export function Matrices({ result, cell, onChoose }: MatricesProps) {
  const { labels, judgedBy } = result;
  return (
    <Panel level={3} title="Where it errs" reading={columnsMean(judgedBy)}>
      <div
        className={styles.matrices}
        data-classes={labels.length > 4 ? 'many' : 'few'}
        data-written={judgedBy === 'writing'}
        data-testid="matrices"
        style={labelWidth(labels)}
      >
        {(['base', 'tuned'] as const).map((role) => (
          <div key={role}>
            <ConfusionMatrix
              labels={labels}
              counts={result[role].confusion}
              role={role}
              caption={<b className={`is-${role}`}>{role === 'base' ? 'Base model' : 'Tuned model'}</b>}
              selected={chosenIn(cell, role)}
              onSelect={(chosen) => onChoose({ role, ...chosen })}
            />
            <ShadeRamp role={role} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
