import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import '../ui/Panel.css';
import styles from './charts.module.css';
import type { ChartTable } from './series';

interface ChartFigureProps {
  title: ReactNode;
  /** The current figure, at the right of the title. */
  reading?: ReactNode;
  /** What the chart shows, in one sentence. */
  sentence: string;
  table: ChartTable;
  children: ReactNode;
}

/** A chart as an image with a sentence, under its title and reading, with its table to open. */
export function ChartFigure({ title, reading, sentence, table, children }: ChartFigureProps) {
  const [open, setOpen] = useState(false);
  const tableId = useId();
  return (
    <figure className="panel">
      <figcaption className={`panel-head ${styles.head}`}>
        <h3>{title}</h3>
        <button
          type="button"
          className={styles.tableButton}
          aria-expanded={open}
          aria-controls={tableId}
          onClick={() => setOpen(!open)}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 3v10" />
          </svg>
          <span className="sr">{open ? 'Close the table' : 'Open as a table'}</span>
        </button>
        {reading !== undefined && <p className="reading">{reading}</p>}
      </figcaption>
      <div role="img" aria-label={sentence}>
        {children}
      </div>
      <div id={tableId} hidden={!open}>
        {open && <FigureTable table={table} />}
      </div>
    </figure>
  );
}

const mostRows = 200;

function FigureTable({ table }: { table: ChartTable }) {
  // Long runs have thousands of steps; the newest are the ones looked for.
  const rows = table.rows.slice(-mostRows);
  return (
    <div className={styles.tableScroll} role="region" aria-label="Figures of the chart" tabIndex={0}>
      <table className={styles.dataTable}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={row[0] ?? index}>
              {row.map((cell, column) => (
                <td key={table.columns[column] ?? column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < table.rows.length && (
        <p className="label">
          The last {rows.length} of {table.rows.length} rows.
        </p>
      )}
    </div>
  );
}
