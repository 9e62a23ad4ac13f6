import { FlipTrack } from '../../charts/FlipTrack';
import { formatPercent } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import '../../ui/Quotes.css';
import type { TextTrack } from './runView';
import styles from './WatchedTexts.module.css';

const numberWords = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight'];

/** A few validation texts, each turning from wrong to right. */
export function WatchedTexts({ tracks }: { tracks: readonly TextTrack[] }) {
  if (tracks.length === 0) return null;
  const title = `${numberWords[tracks.length] ?? tracks.length} validation ${tracks.length === 1 ? 'text' : 'texts'}`;
  return (
    <Panel
      level={3}
      title={title}
      reading={
        <>
          filled is right, <span className="is-base">base</span> comes first
        </>
      }
    >
      <ul className={`quotes ${styles.flips}`}>
        {tracks.map((track, index) => (
          <li key={index}>
            <q>{track.latest.text}</q>
            <Verdict track={track} />
            <FlipTrack verdicts={track.verdicts} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Verdict({ track: { latest, role } }: { track: TextTrack }) {
  const right = latest.predicted === latest.label;
  return (
    <span className={styles.verdict}>
      <Icon name={right ? 'tick' : 'cross'} />
      <span className="sr">{right ? 'right:' : 'wrong:'}</span>
      <span className={styles.verdictWords}>
        <b>{latest.predicted}</b> {formatPercent(latest.probability, 0)}
        {!right && `, true: ${latest.label}`}
        {role === 'base' && ', base model'}
      </span>
    </span>
  );
}
