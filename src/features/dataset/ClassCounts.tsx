import { useState } from 'react';
import type { LabelCount } from '../../../workers/api/dataset';
import { LinkButton } from '../../ui/Button';
import { formatCount, formatPercent } from '../../ui/format';

const shownAtFirst = 8;

/** How many rows each class has, largest first; grey, as it belongs to neither model. */
export function ClassCounts({ labels }: { labels: readonly LabelCount[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const sorted = labels.toSorted((first, second) => second.count - first.count);
  const total = labels.reduce((sum, label) => sum + label.count, 0);
  const most = Math.max(1, sorted[0]?.count ?? 1);
  const shown = isOpen ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <div>
      <h3 className="label">Rows in each class</h3>
      <ul className="bars">
        {shown.map(({ name, count }) => (
          <li key={name}>
            <span className="name" title={name}>
              {name}
            </span>
            <span className="track">
              <i style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className="num">{formatCount(count)}</span>
            <span className="share">{formatPercent(count / Math.max(1, total))}</span>
          </li>
        ))}
      </ul>
      {sorted.length > shownAtFirst && (
        <p className="bars-more">
          <LinkButton aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? 'Show the largest alone' : `Show ${sorted.length - shownAtFirst} more`}
          </LinkButton>
        </p>
      )}
    </div>
  );
}
