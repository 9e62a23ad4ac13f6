import { costOf, type DatasetCost, type DatasetDownload, type HubDatasetPlan } from '../../../workers/api/hubDataset';
import { choiceOf, type HubDatasetDraft } from '../../state/hubDataset';
import { useHubDataset } from '../../state/hooks';
import { cancelHubDataset, loadHubDataset } from '../../state/hubDatasetCommands';
import { Button } from '../../ui/Button';
import { formatBytes, formatCount, formatDuration } from '../../ui/format';
import { Meter } from '../../ui/Meter';

/** The step from a dataset's description to its rows: what it will download, its way here, how to stop it. */
export function HubDatasetLoad({ plan, draft }: { plan: HubDatasetPlan; draft: HubDatasetDraft }) {
  const isLoading = useHubDataset((state) => state.isLoading);
  const isLookingUp = useHubDataset((state) => state.isLookingUp);
  const choice = choiceOf(plan, draft);
  if (isLoading) return <UnderWay id={plan.id} />;
  if ('problem' in choice) return <p className="help problem hub-data-part">{choice.problem}</p>;
  const cost = costOf(plan, choice);
  return (
    <div className="hub-data-load">
      <Button kind="go" disabled={isLookingUp} onClick={() => void loadHubDataset()} data-testid="dataset-load">
        {cost.rows === null ? 'Use its rows' : `Use ${formatCount(cost.rows)} rows`}
      </Button>
      <p className="help" data-testid="dataset-cost">
        {costWords(plan, cost)}
      </p>
    </div>
  );
}

function costWords({ storage }: HubDatasetPlan, { missingBytes, pages }: DatasetCost): string {
  const files =
    missingBytes > 0 ? `Downloads ${formatBytes(missingBytes)} of Parquet${storage ? ', kept on this device' : ''}.` : '';
  const asked =
    pages === 0 ? '' : `Asks for ${pages === null ? 'pages' : `${formatCount(pages)} pages`} of 100 rows, which are not kept.`;
  return [files, asked].filter(Boolean).join(' ') || 'All of it is on this device: nothing is downloaded.';
}

function UnderWay({ id }: { id: string }) {
  const download = useHubDataset((state) => state.download);
  const rowsRead = useHubDataset((state) => state.rowsRead);
  const isHere = download === null || download.loaded >= download.total;
  return (
    <div className="hub-data-progress" data-testid="dataset-progress">
      <div>
        <p className="hub-data-words">
          <b>{isHere ? `Reading ${id}` : `Downloading ${id}`}</b>
          <span className="quiet">{download && progressWords(download)}</span>
        </p>
        <Meter label={`Rows of ${id}`} share={download && download.total > 0 ? download.loaded / download.total : null} />
        <p className="help">
          {rowsRead > 0 ? `${formatCount(rowsRead)} rows read.` : 'What came of its files stays when you cancel.'}
        </p>
      </div>
      <Button onClick={() => void cancelHubDataset()} data-testid="dataset-cancel">
        Cancel
      </Button>
    </div>
  );
}

function progressWords({ unit, loaded, total, perSecond, secondsLeft }: DatasetDownload): string {
  const count = (value: number) => (unit === 'bytes' ? formatBytes(Math.round(value)) : formatCount(value));
  const speed = perSecond === null ? '' : `, ${count(perSecond)}${unit === 'rows' ? ' rows' : ''} a second`;
  const left = secondsLeft === null || loaded >= total ? '' : `, ${formatDuration(secondsLeft)} left`;
  return `${count(loaded)} of ${count(total)}${unit === 'rows' ? ' rows' : ''}${speed}${left}`;
}
