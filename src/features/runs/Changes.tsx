import { Icon } from '../../ui/Icon';
import { formatCount } from '../../ui/format';
import type { Change } from './whatChanged';
import styles from './runs.module.css';

const mostShown = 6;

/** What changed, setting by setting. */
export function Changes({ changes, name, isBest }: { changes: readonly Change[]; name: string | null; isBest: boolean }) {
  const rest = changes.length - mostShown;
  return (
    <div className={styles.change}>
      {name !== null && (
        <span>
          <b>{name}</b>
        </span>
      )}
      {changes.slice(0, mostShown).map((change, index) => (
        <ChangeShown key={index} change={change} />
      ))}
      {rest > 0 && <span className="quiet">and {formatCount(rest)} more</span>}
      {isBest && <span className="chip">best so far</span>}
    </div>
  );
}

function ChangeShown({ change }: { change: Change }) {
  if (change.kind === 'words') return <span>{change.words}</span>;
  const { name, before, after } = change;
  return (
    <span>
      <span className="mono">{name}</span>
      {before !== null && (
        <>
          <s>{shortened(before)}</s>
          <Icon name="right" />
          <span className="sr">to</span>
        </>
      )}
      <b>{shortened(after)}</b>
    </span>
  );
}

/** A prompt is a whole paragraph. */
function shortened(value: string): string {
  return value.length > 48 ? `${value.slice(0, 46).trimEnd()}…` : value;
}
