import { useWorkerIsSilent } from '../../state/hooks';
import { replaceWorker } from '../../state/worker';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';

/** The worker lives and says nothing: it may be busy with something large, or be lost in it. */
export function SilentWorker() {
  const isSilent = useWorkerIsSilent();
  if (!isSilent) return null;
  return (
    <Notice
      kind="warn"
      title="The part of the page that computes has not answered for two minutes"
      actions={
        <Button size="sm" onClick={() => void replaceWorker()} data-testid="replace-worker">
          Start it anew
        </Button>
      }
    >
      It may be busy with something large. Started anew, it gets your data, model and settings again, and a run goes on from where
      it was last saved.
    </Notice>
  );
}
