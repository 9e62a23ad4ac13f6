import { useHubDataset, useSession } from '../../state/hooks';
import { dropFiles } from '../../state/commands';
import { closeHubDatasets } from '../../state/hubDatasetCommands';
import { Button } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { useFileDrop } from '../../ui/useFileDrop';
import './HubDataset.css';
import { HubDatasetChanges } from './HubDatasetChanges';
import { HubDatasetForm } from './HubDatasetForm';
import { asksForAccess, HubDatasetGate } from './HubDatasetGate';
import { HubDatasetLoad } from './HubDatasetLoad';
import { HubDatasetPlan } from './HubDatasetPlan';
import { HubDatasetPresets } from './HubDatasetPresets';
import { KeptDatasets } from './KeptDatasets';

/** A dataset of the Hugging Face Hub: what it has and what it takes, before a row of it is downloaded. */
export function HubDatasetPanel({ locked }: { locked: boolean }) {
  const { isOver, handlers } = useFileDrop((files) => void dropFiles(files), locked);
  const error = useHubDataset((state) => state.error);
  const plan = useHubDataset((state) => state.plan);
  const draft = useHubDataset((state) => state.draft);
  const isLookingUp = useHubDataset((state) => state.isLookingUp);
  const isLoading = useHubDataset((state) => state.isLoading);
  const dataset = useSession((state) => state.dataset);
  return (
    <Panel title="Data" id="data" reading="from the Hugging Face Hub">
      <fieldset
        disabled={locked}
        aria-label="Dataset of the Hub"
        className={isOver ? 'hub-data dropping' : 'hub-data'}
        aria-busy={isLookingUp}
        data-testid="hub-dataset"
        {...handlers}
      >
        <HubDatasetPresets disabled={isLoading} />
        <HubDatasetForm key={plan?.id ?? ''} />
        {error && (
          <div className="hub-data-part">
            {asksForAccess(error) ? <HubDatasetGate report={error} /> : <ErrorNotice report={error} />}
          </div>
        )}
        {plan && draft && <HubDatasetPlan plan={plan} draft={draft} />}
        <HubDatasetChanges />
        {plan && draft && <HubDatasetLoad plan={plan} draft={draft} />}
        <p className="privacy">
          <Icon name="lock" />
          <span>
            The name of the dataset goes to huggingface.co and datasets-server.huggingface.co, as when you open its page. Its
            texts come here; none are sent.
          </span>
        </p>
        <KeptDatasets />
      </fieldset>
      {!isLoading && (
        <p className="row hub-data-leave">
          <Button kind="text" onClick={closeHubDatasets} data-testid="hub-dataset-leave">
            {dataset ? `Back to ${dataset.name}, ${formatCount(dataset.rowCount)} rows` : 'Use a file or the sample instead'}
          </Button>
        </p>
      )}
    </Panel>
  );
}
