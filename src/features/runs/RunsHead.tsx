import type { KeptRuns } from '../../../workers/api/runs';
import { LinkButton } from '../../ui/Button';
import { formatBytes, plural } from '../../ui/format';
import { saveFile } from '../../ui/saveFile';
import { useKeptRuns } from '../../state/hooks';
import { exportRuns } from '../../state/keptRunCommands';
import styles from './RunsHead.module.css';

/** How many runs there are and what they take, and the way out and in for all of them. */
export function RunsHead({ kept: { runs, usedBytes, isOnDevice }, onImport }: { kept: KeptRuns; onImport: () => void }) {
  const busy = useKeptRuns((state) => state.busy);
  const save = async () => {
    const archive = await exportRuns();
    if (archive) saveFile(archive.name, archive.blob);
  };
  return (
    <header className={styles.head}>
      <h1>Runs</h1>
      <p className="reading" data-testid="runs-kept">
        {plural(runs.length, 'run')}, kept {isOnDevice ? 'on this device' : 'in this tab'}. {formatBytes(usedBytes)}.{' '}
        <LinkButton disabled={busy === 'export' || runs.length === 0} onClick={() => void save()} data-testid="export-runs">
          {busy === 'export' ? 'Packing the runs' : 'Export'}
        </LinkButton>{' '}
        <LinkButton disabled={busy === 'import'} onClick={onImport} data-testid="import-runs">
          {busy === 'import' ? 'Reading the file' : 'Import runs'}
        </LinkButton>
      </p>
    </header>
  );
}
