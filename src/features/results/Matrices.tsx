import { ConfusionMatrix, ShadeRamp } from '../../charts/ConfusionMatrix';
import { labelWidth } from '../../charts/matrix';
import { Panel } from '../../ui/Panel';
import type { ClassResult } from '../../../workers/api/results';
import { chosenIn } from './cell';
import type { ChosenCell } from './cell';
import styles from './Matrices.module.css';

interface MatricesProps {
  result: ClassResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

/** Both matrices side by side; a cell opens its texts. */
export function Matrices({ result, cell, onChoose }: MatricesProps) {
  return (
    <Panel level={3} title="Where it errs" reading="rows true, columns predicted">
      <div className={styles.matrices} data-classes={result.labels.length > 4 ? 'many' : 'few'} style={labelWidth(result.labels)}>
        {(['base', 'tuned'] as const).map((role) => (
          <div key={role}>
            <ConfusionMatrix
              labels={result.labels}
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
