import type { DownloadProgress, HubModelPlan } from '../../../workers/api/hub';
import { isOf, missingBytes } from '../../state/hub';
import { downloadModel, dropDownload, pauseDownload } from '../../state/hubCommands';
import { useHub, useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { formatBytes, formatDuration } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { ErrorNotice } from '../../ui/Notice';

/** The way of a model's weights to this device: offered with its size, under way, cut off, or done. */
export function HubDownload() {
  const download = useHub((state) => state.download);
  const error = useHub((state) => state.downloadError);
  const plan = useHub((state) => state.plan);
  const isChosen = useSession((state) => plan !== null && state.model !== null && isChosenPlan(plan, state.model));
  if (download) return <UnderWay download={download} isOfPlan={plan !== null && isOf(plan, download)} />;
  return (
    <>
      {error && (
        <div className="model-below">
          <ErrorNotice report={error} />
        </div>
      )}
      {plan && isChosen && missingBytes(plan) > 0 && <Offer plan={plan} />}
    </>
  );
}

/** What is looked up last may be one that cannot be used as it is; the model before it then stays chosen. */
function isChosenPlan(plan: HubModelPlan, model: { source: string; name: string; revision: string | null }): boolean {
  return model.source === 'hub' && model.name === plan.id && model.revision === plan.commit;
}

function Offer({ plan }: { plan: HubModelPlan }) {
  const missing = formatBytes(missingBytes(plan));
  const weights = plan.files.at(-1);
  const isBegun = (weights?.keptBytes ?? 0) > 0;
  if (!plan.storage) {
    return (
      <p className="help model-below">
        This browser lets the page keep nothing, so each run downloads {missing}. A normal window, not a private one, may keep it.
      </p>
    );
  }
  return (
    <div className="download" data-testid="download-offer">
      <div>
        <p>
          <b>
            {isBegun ? `${formatBytes(plan.keptBytes)} of ${formatBytes(plan.totalBytes)} are here` : `${missing} to download`}
          </b>
        </p>
        {isBegun && <Meter label="Share that is here" share={plan.keptBytes / plan.totalBytes} />}
        <p className="help">
          {isBegun ? 'It was cut off or paused, and goes on from the last byte.' : 'Once, and it is kept on this device.'} A run
          that needs the weights downloads them by itself.
        </p>
      </div>
      <Button icon="download" onClick={() => void downloadModel()} data-testid="hub-download">
        {isBegun ? `Go on, ${missing} left` : `Download ${missing}`}
      </Button>
    </div>
  );
}

function UnderWay({ download, isOfPlan }: { download: DownloadProgress; isOfPlan: boolean }) {
  const { id, loadedBytes, totalBytes, bytesPerSecond, secondsLeft } = download;
  return (
    <div className="download" data-testid="download-progress">
      <div>
        <p className="download-words">
          <b>Downloading {id}</b>
          <span className="quiet">
            {formatBytes(loadedBytes)} of {formatBytes(totalBytes)}
            {bytesPerSecond !== null && `, ${formatBytes(Math.round(bytesPerSecond))} a second`}
            {secondsLeft !== null && (
              <>
                , <b>{formatDuration(secondsLeft)} left</b>
              </>
            )}
          </span>
        </p>
        <Meter label={`Download of ${id}`} share={totalBytes > 0 ? loadedBytes / totalBytes : null} />
        <p className="help">
          Closed, cut off or paused, it goes on from the last byte. The SHA-256 is compared with the Hub’s before anything is
          used.
        </p>
      </div>
      <div className="row">
        <Button icon="pause" onClick={() => void pauseDownload()} data-testid="hub-pause">
          Pause
        </Button>
        {isOfPlan && (
          <Button kind="text" onClick={() => void dropDownload()} data-testid="hub-cancel">
            Cancel
          </Button>
        )}
      </div>
    </div>
  );
}
