import type { DatasetKeeping } from '../../../workers/api/keptDataset';
import { useKeeping } from '../../state/hooks';
import { setKeeping } from '../../state/keeping';
import { formatBytes } from '../../ui/format';
import { Switch } from '../../ui/Switch';
import styles from './dataset.module.css';

/** Whether the dataset is kept on this device for the next visit, and whether it is by now. */
export function KeepData() {
  const { isWanted, keeping } = useKeeping();
  const failed = keeping.state === 'failed';
  return (
    <div className={styles.keep} data-testid="keep-data" data-state={keeping.state}>
      <Switch
        id="keep-data"
        checked={isWanted}
        aria-describedby="keep-data-words"
        onChange={(event) => void setKeeping(event.currentTarget.checked)}
      />
      <label htmlFor="keep-data">
        <b>Keep for my next visit</b>
      </label>
      <p id="keep-data-words" className={failed ? 'problem' : 'help'}>
        {keepingWords(keeping)}
      </p>
    </div>
  );
}

function keepingWords(keeping: DatasetKeeping): string {
  switch (keeping.state) {
    case 'off':
      return 'A reload forgets data and settings. Runs are kept until you delete them, with the texts that they were judged on.';
    case 'empty':
      return 'On this device alone, with your settings.';
    case 'writing':
      return 'Being copied to this browser’s storage.';
    case 'kept':
      return keeping.sizeBytes === 0
        ? 'A reload brings it back with your settings. It stays on this device; off deletes it.'
        : `A reload brings it back with your settings. The copy of ${formatBytes(keeping.sizeBytes)} stays on this device; off deletes it.`;
    case 'failed':
      return `${keeping.report.message} ${keeping.report.remedy}`;
    default:
      return keeping satisfies never;
  }
}
