import { useHubDataset, useRun, useSession } from '../../state/hooks';
import { dropFiles } from '../../state/commands';
import { usePaste } from '../../ui/usePaste';
import { isRunning } from '../../state/run';
import { DatasetPanel } from './DatasetPanel';
import { FailurePanel, ReadingPanel } from './DatasetStates';
import { DatasetFileInputs } from './FileInputs';
import { HubDatasetPanel } from './HubDatasetPanel';
import { Welcome } from './Welcome';

/** The data step in whichever state it is: first visit, reading, failed, read. */
export function DatasetSection() {
  const dataset = useSession((state) => state.dataset);
  const loading = useSession((state) => state.datasetLoading);
  const failure = useSession((state) => state.datasetError);
  const isOnHub = useHubDataset((state) => state.isOpen);
  const locked = useRun(isRunning);
  usePaste((files) => void dropFiles(files), locked);
  return (
    <>
      <DatasetFileInputs />
      {loading ? (
        <ReadingPanel loading={loading} />
      ) : failure ? (
        <FailurePanel failure={failure} />
      ) : isOnHub ? (
        <HubDatasetPanel locked={locked} />
      ) : dataset ? (
        <DatasetPanel dataset={dataset} locked={locked} />
      ) : (
        <Welcome />
      )}
    </>
  );
}
