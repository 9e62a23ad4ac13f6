import { useState } from 'react';
import type { DatasetSummary, SplitName } from '../../../workers/api/dataset';
import { LinkButton } from '../../ui/Button';
import { formatCount, formatPercent, plural } from '../../ui/format';
import '../../ui/Table.css';
import styles from './dataset.module.css';
import { splitParts } from './splitParts';

const shownAtFirst = 12;

/** Rows of each class in each part, with the class's share of all. */
export function ClassTable({ dataset }: { dataset: DatasetSummary }) {
  const [isOpen, setIsOpen] = useState(false);
  const { labels, split, splitCounts, unused, splitMethod } = dataset;
  const rows = labels
    .map(({ name }, index) => {
      const inSplits = splitParts.map((part) => splitCounts[part.name][index] ?? 0);
      return { name, inSplits, count: inSplits.reduce((sum, count) => sum + count, 0) };
    })
    .sort((a, b) => b.count - a.count);
  const total = splitParts.reduce((sum, { name }) => sum + split[name], 0);
  const most = Math.max(1, ...rows.map(({ count }) => count));
  const shown = isOpen ? rows : rows.slice(0, shownAtFirst);
  return (
    <div data-testid="split">
      <SplitBar split={split} />
      <div className={styles.scroll}>
        <table className={`table ${styles.classes}`} data-testid="class-table">
          <caption className="sr">Rows of each class in each part: {splitMethod}</caption>
          <thead>
            <tr>
              <th>Class</th>
              {splitParts.map(({ name, label, mark }) => (
                <th className="num" key={name}>
                  <span className="key">
                    <i className={mark} />
                    {label}
                  </span>
                </th>
              ))}
              <th className="num">Share</th>
              <th aria-hidden="true" className={styles.barCell} />
            </tr>
          </thead>
          <tbody>
            {shown.map(({ name, inSplits, count }) => (
              <tr key={name}>
                <th scope="row" className="clip" title={name}>
                  {name}
                </th>
                {inSplits.map((rowsOfClass, index) => (
                  <td className="num" key={splitParts[index]?.name}>
                    {formatCount(rowsOfClass)}
                  </td>
                ))}
                <td className="num quiet">{formatPercent(count / Math.max(1, total))}</td>
                <td className={styles.barCell}>
                  <i className={styles.bar} style={{ width: `${(100 * count) / most}%` }} />
                </td>
              </tr>
            ))}
            <tr>
              <th scope="row">all</th>
              {splitParts.map(({ name }) => (
                <td className="num" key={name}>
                  <b>{formatCount(split[name])}</b>
                </td>
              ))}
              <td className="num quiet">{formatPercent(1, 0)}</td>
              <td />
            </tr>
          </tbody>
        </table>
      </div>
      <p className={`help ${styles.under}`}>
        {splitMethod.charAt(0).toUpperCase() + splitMethod.slice(1)}.{unused > 0 && ` ${plural(unused, 'row')} of no part.`}{' '}
        {rows.length > shownAtFirst && (
          <LinkButton aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? 'Show the largest alone' : `Show ${rows.length - shownAtFirst} more`}
          </LinkButton>
        )}
      </p>
    </div>
  );
}

/** The parts' sizes beside each other. */
export function SplitBar({ split }: { split: Record<SplitName, number> }) {
  return (
    <div className={styles.splitBar} aria-hidden="true">
      {splitParts.map(({ name, mark }) => split[name] > 0 && <i key={name} className={mark} style={{ flex: split[name] }} />)}
    </div>
  );
}
