import { useId, useMemo, useState } from 'react';
import { ShadeRamp } from '../../charts/ConfusionMatrix';
import { ShadeMatrix } from '../../charts/ShadeMatrix';
import { confusionsOf, countAt, rowTotal } from '../../charts/matrix';
import type { MatrixCell } from '../../charts/matrix';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import type { ClassResult } from '../../../workers/api/results';
import type { ChosenCell } from './cell';
import { classOrder, reorder } from './order';
import type { OrderName } from './order';
import shared from './shared.module.css';
import styles from './ManyMatrix.module.css';

interface ManyMatrixProps {
  result: ClassResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

const shades = [
  { value: 'errors', label: 'Errors' },
  { value: 'everything', label: 'Everything' },
] as const;

/** More than twelve classes: shades alone, and the chosen cell in words. */
export function ManyMatrix({ result, cell, onChoose }: ManyMatrixProps) {
  const [shade, setShade] = useState<'errors' | 'everything'>('errors');
  const [orderName, setOrderName] = useState<OrderName>('confused');
  const order = useMemo(() => classOrder(orderName, result), [orderName, result]);
  const labels = order.map((index) => result.labels[index] ?? '');
  const tuned = useMemo(() => reorder(result.tuned.confusion, order), [result, order]);
  const base = useMemo(() => reorder(result.base.confusion, order), [result, order]);
  const place = (of: MatrixCell): MatrixCell => ({ actual: order.indexOf(of.actual), predicted: order.indexOf(of.predicted) });
  const classOf = (at: MatrixCell): MatrixCell => ({ actual: order[at.actual] ?? 0, predicted: order[at.predicted] ?? 0 });
  const largest = confusionsOf(result.tuned.confusion)[0]?.count ?? 0;
  return (
    <Panel level={3} title="Where it errs" reading="rows true, columns predicted">
      <div className={styles.many}>
        <ShadeMatrix
          labels={labels}
          counts={tuned}
          role="tuned"
          name="tuned model"
          shade={shade}
          selected={place(cell)}
          onSelect={(at) => onChoose({ role: 'tuned', ...classOf(at) })}
        />
        <div className={styles.manySide}>
          <Segments label="Shade" value={shade} options={shades} onChange={setShade} />
          <OrderChoice value={orderName} onChange={setOrderName} />
          <CellInWords result={result} cell={cell} />
          <div>
            <h4 className="label">
              <b className="is-base">Base model</b>, same order
            </h4>
            <ShadeMatrix labels={labels} counts={base} role="base" name="base model" shade="everything" small />
          </div>
          <div className={styles.key}>
            {shade === 'errors' ? (
              <ShadeRamp role="tuned" low="1 text" high={formatCount(largest)} />
            ) : (
              <ShadeRamp role="tuned" />
            )}
            {shade === 'errors' && (
              <p className="help">
                <i className={styles.diagonalKey} /> the diagonal, right answers
              </p>
            )}
            <p className="help">Point at a cell to read it. Arrow keys move the choice, N goes to the next confusion.</p>
          </div>
        </div>
      </div>
    </Panel>
  );
}

function OrderChoice({ value, onChange }: { value: OrderName; onChange: (value: OrderName) => void }) {
  const id = useId();
  return (
    <div className={styles.order}>
      <label htmlFor={id}>Order of classes</label>
      <select
        id={id}
        className={shared.control}
        value={value}
        onChange={(event) =>
          onChange(event.target.value === 'given' ? 'given' : event.target.value === 'name' ? 'name' : 'confused')
        }
      >
        <option value="confused">Confused together</option>
        <option value="name">By name</option>
        <option value="given">As in the model</option>
      </select>
    </div>
  );
}

function CellInWords({ result, cell }: { result: ClassResult; cell: ChosenCell }) {
  const { labels } = result;
  const counts = result[cell.role].confusion;
  const reverse = countAt(counts, { actual: cell.predicted, predicted: cell.actual });
  const actual = labels[cell.actual] ?? '';
  const predicted = labels[cell.predicted] ?? '';
  return (
    <div>
      <h4 className="label">Chosen cell</h4>
      <p className={`${styles.cellCount} is-${cell.role}`}>
        {formatCount(countAt(counts, cell))}
        <span> of {formatCount(rowTotal(counts, cell.actual))}</span>
      </p>
      <p className={styles.cellWords}>
        {cell.actual === cell.predicted ? (
          <>
            <span className="mono">{actual}</span> read as itself.
          </>
        ) : (
          <>
            <span className="mono">{actual}</span> read as <span className="mono">{predicted}</span>. The other way:{' '}
            {formatCount(reverse)}.
          </>
        )}{' '}
        Base: <span className="is-base">{formatCount(countAt(result.base.confusion, cell))}</span>.
      </p>
    </div>
  );
}
