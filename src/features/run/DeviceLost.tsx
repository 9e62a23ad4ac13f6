import type { DeviceWait } from '../../../workers/api/deviceWait';
import { useRun } from '../../state/hooks';
import { goOn } from '../../state/runCommands';
import { Button } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { useAdapterSoFar } from './useAdapterSoFar';
import { processorWords, waitWords } from './waitWords';

/** What is safe, what happens next, and the other ways on. */
export function DeviceLost() {
  const wait = useRun((state) => state.wait);
  const isTraining = useRun((state) => state.start !== null);
  const { download, isPacking, error } = useAdapterSoFar();
  if (!wait) return null;
  const { title, words } = waitWords(wait, isTraining);
  return (
    <>
      <div role="status" data-testid="device-lost" data-cause={wait.full === null ? 'lost' : 'full'}>
        <Notice
          kind="warn"
          title={title}
          actions={
            <>
              {isTraining && <SmallerBatch wait={wait} />}
              <Button size="sm" onClick={() => void goOn('processor')}>
                {isTraining ? processorWords(wait) : 'Finish on the processor'}
              </Button>
              {isTraining && wait.canExport && (
                <Button size="sm" disabled={isPacking} onClick={download}>
                  {isPacking ? 'Packing the adapter' : 'Download the adapter so far'}
                </Button>
              )}
            </>
          }
        >
          {words}
        </Notice>
      </div>
      {error && <ErrorNotice report={error} />}
    </>
  );
}

/** Where trying again as it was has led nowhere, or what it needs is not there. */
function SmallerBatch({ wait: { state, smallerBatch } }: { wait: DeviceWait }) {
  if (state !== 'asking' || !smallerBatch) return null;
  const { perDeviceTrainBatchSize, gradientAccumulationSteps } = smallerBatch;
  return (
    <Button size="sm" onClick={() => void goOn('smaller-batch')}>
      Go on with batches of {formatCount(perDeviceTrainBatchSize)}, {formatCount(gradientAccumulationSteps)} a step
    </Button>
  );
}
