import type { ErrorReport } from '../../../workers/api/errors';
import { useRun } from '../../state/hooks';
import { goToPart } from '../../state/place';
import { Button } from '../../ui/Button';
import { formatBytes, formatCount } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { splitMessage } from '../../ui/splitMessage';
import { useAdapterSoFar } from './useAdapterSoFar';

/** Why the last checkpoint could not be written, and what makes room. */
export function Unsaved() {
  const unsaved = useRun((state) => state.unsaved);
  const saved = useRun((state) => state.saved);
  const phase = useRun((state) => state.phase);
  const { download, isPacking, error } = useAdapterSoFar();
  if (!unsaved || phase === 'finished' || phase === 'failed' || phase === 'stopped') return null;
  const isFull = unsaved.code === 'storage/quota';
  const safe = saved ? `The last checkpoint, of step ${formatCount(saved.step)}, is still there.` : 'There is no checkpoint yet.';
  const remedy = isFull
    ? `Delete models that you no longer use, or download the adapter; then continue. ${safe}`
    : `${unsaved.remedy} ${safe}`;
  return (
    <>
      <div data-testid="unsaved" data-code={unsaved.code}>
        <Notice
          kind="warn"
          title={isFull ? fullWords(unsaved) : splitMessage(unsaved.message).happened}
          actions={
            <>
              {isFull && (
                <Button size="sm" onClick={() => goToPart('model')}>
                  See stored models
                </Button>
              )}
              <Button size="sm" icon="download" disabled={isPacking} onClick={download}>
                {isPacking ? 'Packing the adapter' : 'Download adapter'}
              </Button>
            </>
          }
        >
          {phase === 'paused' ? `Training is paused. ${remedy}` : remedy}
        </Notice>
      </div>
      {error && <ErrorNotice report={error} />}
    </>
  );
}

function fullWords({ details }: ErrorReport): string {
  const { neededBytes, freeBytes } = details;
  if (typeof neededBytes !== 'number') return 'This device has no room for a checkpoint';
  const need = `This device is full: a checkpoint needs ${formatBytes(neededBytes)}`;
  // What the browser grants is an estimate: it may name more than the disk has.
  return typeof freeBytes === 'number' && freeBytes < neededBytes
    ? `${need}, ${formatBytes(Math.max(0, freeBytes))} is left`
    : need;
}
