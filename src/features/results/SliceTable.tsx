import type { ReactNode } from 'react';
import { IntervalDots } from '../../charts/IntervalDots';
import { formatCount } from '../../ui/format';
import { IconButton } from '../../ui/Button';
import { removeRule } from '../../state/slices';
import '../../ui/Table.css';
import type { Slice, SliceFigures, SliceGroup, SlicesReport } from '../../../workers/api/slices';
import { SliceBands } from './SliceBands';
import { figureNames, figureWords, intervalOf, intervalWords, scaleTop, sliceWords } from './sliceFigures';
import { isChosen, type SlicesView } from './useSlices';
import shared from './shared.module.css';
import styles from './slices.module.css';

interface TableProps {
  report: SlicesReport;
  view: SlicesView;
}

/** A row a slice: name, texts, dots with intervals, the figure before and after, the tuned interval. */
export function SliceTable({ report, view }: TableProps) {
  const top = scaleTop(report, view.figure);
  const { title, isShare } = figureNames[view.figure];
  const { split, rows, all } = report;
  return (
    // Roles stand here by name, since a narrow page lays the rows out as grids.
    <table className={`table ${styles.slices}`} role="table" aria-label={`${title} by slice`}>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            Texts
          </th>
          <th scope="col" role="columnheader" className={`num ${styles.count}`}>
            Count
          </th>
          <th scope="col" role="columnheader" className={styles.barColumn}>
            <span className={styles.barHead}>
              <span>0</span>
              <span>{isShare ? '100' : Number(top.toPrecision(3))}</span>
            </span>
          </th>
          <th scope="col" role="columnheader" className="num">
            {title}
          </th>
          <th scope="col" role="columnheader" className={`num ${styles.interval}`}>
            Tuned interval
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <SliceRow
          name={`All ${split} texts`}
          heading={`All ${split} texts`}
          slice={{ value: '', range: null, rows, tooFew: false, ...all }}
          report={report}
          view={view}
          top={top}
        />
      </tbody>
      {report.groups.map((group) => (
        <Group key={`${group.kind} ${group.by}`} group={group} report={report} view={view} top={top} />
      ))}
    </table>
  );
}

function Group({ group, report, view, top }: TableProps & { group: SliceGroup; top: number }) {
  return (
    <tbody role="rowgroup" data-testid={`slices-${group.kind}`}>
      <tr role="row" className={styles.group}>
        <th scope="rowgroup" role="rowheader" colSpan={5}>
          <div>
            <GroupHead group={group} report={report} view={view} />
          </div>
        </th>
      </tr>
      {group.slices.map((slice) => (
        <SliceRow
          key={slice.value}
          name={<SliceName group={group} slice={slice} view={view} />}
          heading={sliceWords(group, slice)}
          slice={slice}
          report={report}
          view={view}
          top={top}
        />
      ))}
    </tbody>
  );
}

function GroupHead({ group, report, view }: TableProps & { group: SliceGroup }) {
  if (group.kind === 'rule') return <span>By rule</span>;
  if (group.kind === 'length') return <SliceBands view={view} division={group.division} />;
  if (report.columns.length === 1) {
    return (
      <span>
        By column <span className={styles.own}>{group.by}</span>
      </span>
    );
  }
  return (
    <label className={styles.column}>
      By column
      <select
        className={shared.control}
        data-testid="slice-column"
        value={group.by}
        onChange={(event) => view.setColumn(event.target.value)}
      >
        {report.columns.map((column) => (
          <option key={column}>{column}</option>
        ))}
      </select>
    </label>
  );
}

function SliceName({ group, slice, view }: { group: SliceGroup; slice: Slice; view: SlicesView }) {
  const { value, range, rows, tooFew } = slice;
  const { kind, by } = group;
  const rule = kind === 'rule' ? view.query.rules[group.slices.indexOf(slice)] : undefined;
  return (
    <span className={styles.name}>
      {rows === 0 ? (
        <span>{value}</span>
      ) : (
        <button
          type="button"
          aria-pressed={isChosen(view.chosen, group, slice)}
          title={range ?? value}
          onClick={() => view.choose({ kind, by, value })}
        >
          {value}
        </button>
      )}
      {rule && <IconButton icon="cross" label={`Remove the rule: ${value}`} onClick={() => removeRule(rule)} />}
      {range !== null && range.length < 60 && <small>{range}</small>}
      {tooFew && <small>{rows === 0 ? 'no text' : 'too few to tell'}</small>}
    </span>
  );
}

interface RowProps extends TableProps {
  name: ReactNode;
  /** For the sentence of its picture. */
  heading: string;
  slice: Slice;
  top: number;
}

function SliceRow({ name, heading, slice, report, view, top }: RowProps) {
  const { rows, tooFew, base, tuned } = slice;
  return (
    <tr role="row" data-few={tooFew}>
      <th scope="row" role="rowheader">
        {name}
      </th>
      <td role="cell" className={`num ${styles.count}`}>
        {formatCount(rows)}
      </td>
      {base && tuned ? (
        <SliceCells heading={heading} tooFew={tooFew} base={base} tuned={tuned} report={report} view={view} top={top} />
      ) : (
        <>
          <td role="cell" className={styles.barColumn} />
          <td role="cell" className="num quiet">
            –
          </td>
          <td role="cell" className={`num quiet ${styles.interval}`}>
            –
          </td>
        </>
      )}
    </tr>
  );
}

interface CellsProps extends TableProps {
  heading: string;
  tooFew: boolean;
  base: SliceFigures;
  tuned: SliceFigures;
  top: number;
}

function SliceCells({ heading, tooFew, base, tuned, report, view: { figure }, top }: CellsProps) {
  const [baseInterval, tunedInterval] = [intervalOf(base, figure), intervalOf(tuned, figure)];
  const [baseValue, tunedValue] = [base[figure] ?? 0, tuned[figure] ?? 0];
  const told = (value: number, interval: [number, number] | null) =>
    figureWords(value, figure) + (interval ? `, ${intervalWords(interval)}` : '');
  const sentence = `${heading}: base ${told(baseValue, baseInterval)}; tuned ${told(tunedValue, tunedInterval)}`;
  return (
    <>
      <td role="cell" className={styles.barColumn}>
        <IntervalDots
          sentence={sentence}
          base={{ value: baseValue, interval: baseInterval }}
          tuned={{ value: tunedValue, interval: tunedInterval }}
          reference={report.all.tuned[figure] ?? 0}
          top={top}
          hollow={tooFew}
        />
      </td>
      <td role="cell" className={`num nowrap ${styles.figures}`}>
        <span className="is-base">{figureWords(baseValue, figure)}</span>{' '}
        <span className="is-tuned">{figureWords(tunedValue, figure)}</span>
      </td>
      <td role="cell" className={`num nowrap quiet ${styles.interval}`}>
        {tunedInterval ? intervalWords(tunedInterval) : '–'}
      </td>
    </>
  );
}
