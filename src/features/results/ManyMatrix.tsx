import { useId, useMemo, useState } from 'react';
import { ShadeRamp } from '../../charts/ConfusionMatrix';
import { ShadeMatrix } from '../../charts/ShadeMatrix';
import { columnName, confusionsOf, countAt, rowTotal, type MatrixCell } from '../../charts/matrix';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import type { ChosenCell } from './cell';
import type { JudgedResult } from './judged';
import { classOrder, reorder, type OrderName } from './order';
import { columnsMean } from './words';
import shared from './shared.module.css';
import styles from './ManyMatrix.module.css';

interface ManyMatrixProps {
  result: JudgedResult;
  cell: ChosenCell;
  onChoose: (cell: ChosenCell) => void;
}

const shades = [
  { value: 'errors', label: 'Errors' },
  { value: 'everything', label: 'Everything' },
] as const;

const orders = [
  { value: 'confused', label: 'Confused together' },
  { value: 'given', label: 'Label order' },
  { value: 'weakest', label: 'Weakest first' },
] as const satisfies readonly { value: OrderName; label: string }[];

/** More than twelve classes: shades alone, and the chosen cell in words. */
export function ManyMatrix({ result, cell, onChoose }: ManyMatrixProps) {
  const [shade, setShade] = useState<'errors' | 'everything'>('errors');
  const [orderName, setOrderName] = useState<OrderName>('confused');
  const order = useMemo(() => classOrder(orderName, result), [orderName, result]);
  const labels = order.map((index) => result.labels[index] ?? '');
  const tuned = useMemo(() => reorder(result.tuned.confusion, order), [result, order]);
  const base = useMemo(() => reorder(result.base.confusion, order), [result, order]);
  // The column of answers without a label stays where it is.
  const columns = [...order, order.length];
  const place = (of: MatrixCell): MatrixCell => ({ actual: order.indexOf(of.actual), predicted: columns.indexOf(of.predicted) });
  const classOf = (at: MatrixCell): MatrixCell => ({ actual: order[at.actual] ?? 0, predicted: columns[at.predicted] ?? 0 });
  const largest = confusionsOf(result.tuned.confusion)[0]?.count ?? 0;
  return (
    <Panel level={3} title="Where it errs" reading={columnsMean(result.judgedBy)}>
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
            {result.judgedBy === 'writing' && <p className="help">The last column: answers that name no label.</p>}
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
        onChange={(event) => {
          const name = orders.find((order) => order.value === event.target.value);
          if (name) onChange(name.value);
        }}
      >
        {orders.map((order) => (
          <option key={order.value} value={order.value}>
            {order.label}
          </option>
        ))}
      </select>
    </div>
  );
}

function CellInWords({ result, cell }: { result: JudgedResult; cell: ChosenCell }) {
  const { labels } = result;
  const counts = result[cell.role].confusion;
  const reverse = countAt(counts, { actual: cell.predicted, predicted: cell.actual });
  const actual = labels[cell.actual] ?? '';
  const predicted = columnName(labels, cell.predicted);
  const isNone = cell.predicted >= labels.length;
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
        ) : isNone ? (
          <>
            <span className="mono">{actual}</span> answered without a label.
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
