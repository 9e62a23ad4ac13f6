import { useState } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import {
  cellSentence,
  columnCount,
  columnName,
  confusionsOf,
  countAt,
  movedCell,
  rowTotal,
  type MatrixCell,
  type MatrixRole,
} from './matrix';
import { shadeOf } from './scale';
import styles from './matrix.module.css';

interface ShadeMatrixProps {
  labels: readonly string[];
  counts: readonly (readonly number[])[];
  role: MatrixRole;
  /** For the image's sentence: "tuned model". */
  name: string;
  /** Errors alone, with the diagonal as a grey line; or every cell by its share of the row. */
  shade: 'errors' | 'everything';
  selected?: MatrixCell | null;
  onSelect?: (cell: MatrixCell) => void;
  /** Without numbers at the edges. */
  small?: boolean;
}

/** Many classes: shades alone; the chosen cell is named where it stands. Arrows move, N goes to the next confusion. */
export function ShadeMatrix(props: ShadeMatrixProps) {
  const { labels, counts, selected = null, onSelect, small = false } = props;
  const [pointed, setPointed] = useState<MatrixCell | null>(null);
  const size = labels.length;
  const columns = columnCount(counts);
  const shape = { aspectRatio: `${columns} / ${size}` };
  const named = pointed ?? selected;
  const keys = (event: KeyboardEvent) => {
    const from = selected ?? { actual: 0, predicted: 0 };
    const next = event.key.toLowerCase() === 'n' ? nextConfusion(counts, from) : movedCell(from, event.key, size, columns);
    if (next === null || !onSelect) return;
    event.preventDefault();
    onSelect(next);
  };
  const cellUnder = (event: MouseEvent<HTMLElement>): MatrixCell => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = (share: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return {
      actual: place((event.clientY - box.top) / box.height, size),
      predicted: place((event.clientX - box.left) / box.width, columns),
    };
  };
  const drawing = <Drawing {...props} named={named} />;
  if (!onSelect) {
    return (
      <div className={styles.shades} style={shape} data-small={small} role="img" aria-label={sentenceOf(props)}>
        {drawing}
      </div>
    );
  }
  return (
    <div
      className={styles.shades}
      style={shape}
      data-small={small}
      role="application"
      aria-roledescription="confusion matrix"
      aria-label={`${sentenceOf(props)}. ${selected ? cellSentence(labels, counts, selected) : 'No cell chosen'}. Arrow keys move, N goes to the next confusion.`}
      tabIndex={0}
      onKeyDown={keys}
      onMouseMove={(event) => setPointed(cellUnder(event))}
      onMouseLeave={() => setPointed(null)}
      onClick={(event) => onSelect(cellUnder(event))}
    >
      {drawing}
      {!small && <EdgeNumbers size={size} columns={columns} chosen={selected} />}
      {named && <NameTag labels={labels} counts={counts} cell={named} />}
    </div>
  );
}

function sentenceOf({ labels, counts, name }: ShadeMatrixProps): string {
  let right = 0;
  let all = 0;
  counts.forEach((row, actual) => {
    right += row[actual] ?? 0;
    all += rowTotal(counts, actual);
  });
  const share = all === 0 ? 0 : (right / all) * 100;
  return `Confusion matrix of ${labels.length} classes, ${name}: the diagonal holds ${share.toFixed(1)} percent`;
}

function nextConfusion(counts: ShadeMatrixProps['counts'], from: MatrixCell): MatrixCell | null {
  const all = confusionsOf(counts);
  const at = all.findIndex((one) => one.actual === from.actual && one.predicted === from.predicted);
  return all[(at + 1) % Math.max(1, all.length)] ?? null;
}

function Drawing({ labels, counts, role, shade, named, selected = null }: ShadeMatrixProps & { named: MatrixCell | null }) {
  const size = labels.length;
  const columns = columnCount(counts);
  const { diagonal, paths } = shadePaths(counts, shade);
  const chosen = selected ?? named;
  return (
    <svg viewBox={`0 0 ${columns} ${size}`} preserveAspectRatio="none" aria-hidden="true">
      {columns > size && <rect className={styles.none} x={size} y={0} width={1} height={size} />}
      {named && (
        <>
          <rect className={styles.cross} x={0} y={named.actual} width={columns} height={1} />
          <rect className={styles.cross} x={named.predicted} y={0} width={1} height={size} />
        </>
      )}
      {diagonal !== '' && <path shapeRendering="crispEdges" fill="var(--line)" d={diagonal} />}
      {paths.map(
        (path, step) => path !== '' && <path key={step} shapeRendering="crispEdges" fill={`var(--${role}-${step})`} d={path} />,
      )}
      {chosen && <rect className={styles.pick} x={chosen.predicted} y={chosen.actual} width={1} height={1} />}
    </svg>
  );
}

/** One path a shade, so that 77 x 77 classes are ten elements. */
function shadePaths(counts: ShadeMatrixProps['counts'], shade: ShadeMatrixProps['shade']): { diagonal: string; paths: string[] } {
  const largest = Math.max(
    1,
    ...confusionsOf(counts)
      .slice(0, 1)
      .map((one) => one.count),
  );
  const paths = Array.from({ length: 10 }, () => '');
  let diagonal = '';
  counts.forEach((row, actual) => {
    const total = rowTotal(counts, actual);
    row.forEach((count, predicted) => {
      const square = `M${predicted} ${actual}h1v1h-1z`;
      if (shade === 'errors' && actual === predicted) {
        if (count > 0) diagonal += square;
        return;
      }
      if (count === 0) return;
      const step =
        shade === 'errors'
          ? 2 + Math.round((7 * (count - 1)) / Math.max(1, largest - 1))
          : Math.max(1, shadeOf(total === 0 ? 0 : count / total));
      paths[step] += square;
    });
  });
  return { diagonal, paths };
}

function EdgeNumbers({ size, columns, chosen }: { size: number; columns: number; chosen: MatrixCell | null }) {
  const every = size > 40 ? 20 : 10;
  const shown = [1, ...Array.from({ length: Math.floor((size - 1) / every) }, (_, index) => (index + 1) * every), size];
  const centre = (number: number, count: number) => `${((number - 0.5) / count) * 100}%`;
  // The column after the last class has a name instead.
  const numberOf = (predicted: number) => (predicted < size ? predicted + 1 : '–');
  const isFree = (number: number, other: number | undefined) => other === undefined || Math.abs(number - other - 1) > size / 25;
  return (
    <>
      {[...new Set(shown)].map((number) => (
        <span key={number}>
          {isFree(number, chosen?.actual) && (
            <span className={styles.edgeRow} style={{ top: centre(number, size) }}>
              {number}
            </span>
          )}
          {isFree(number, chosen?.predicted) && (
            <span className={styles.edgeColumn} style={{ left: centre(number, columns) }}>
              {number}
            </span>
          )}
        </span>
      ))}
      {chosen && (
        <>
          <b className={styles.edgeRow} style={{ top: centre(chosen.actual + 1, size) }}>
            {chosen.actual + 1}
          </b>
          <b className={styles.edgeColumn} style={{ left: centre(chosen.predicted + 1, columns) }}>
            {numberOf(chosen.predicted)}
          </b>
        </>
      )}
    </>
  );
}

function NameTag({ labels, counts, cell }: { labels: readonly string[]; counts: ShadeMatrixProps['counts']; cell: MatrixCell }) {
  const size = labels.length;
  const columns = columnCount(counts);
  const left = cell.predicted < columns / 2;
  const top = Math.min(94, Math.max(0, (cell.actual / size) * 100 - 1));
  // From the cell towards the farther edge, and no farther than that.
  const offset = (left ? (cell.predicted + 1) / columns : 1 - cell.predicted / columns) * 100;
  const place = { [left ? 'left' : 'right']: `calc(${offset}% + 4px)`, maxWidth: `calc(${100 - offset}% - 4px)` };
  return (
    <span className={styles.tag} style={{ top: `${top}%`, ...place }}>
      <span className={styles.clip}>{labels[cell.actual]}</span> →{' '}
      <span className={styles.clip}>{columnName(labels, cell.predicted)}</span>: {countAt(counts, cell)} of{' '}
      {rowTotal(counts, cell.actual)}
    </span>
  );
}
