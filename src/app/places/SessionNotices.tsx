import { OtherTab } from '../../features/run/OtherTab';
import { SilentWorker } from '../../features/run/SilentWorker';
import { MemoryNotice } from '../../features/summary/MemoryNotice';
import { useElsewhere, useSession, useWorkerIsSilent } from '../../state/hooks';
import { dismissRunError } from '../../state/session';
import { Button } from '../../ui/Button';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { splitMessage } from '../../ui/splitMessage';
import { SaidNotices } from './SaidNotices';

/** What the device and the worker have to say outside of a run. */
export function SessionNotices() {
  const device = useSession((state) => state.device);
  const deviceError = useSession((state) => state.deviceError);
  const planError = useSession((state) => state.planError);
  const runError = useSession((state) => state.runError);
  const memoryProblem = useSession((state) => state.plan?.memoryProblem ?? null);
  const hasNews = useSession((state) => state.notices.length > 0);
  const elsewhere = useElsewhere();
  const isSilent = useWorkerIsSilent();
  if (!isSilent && !elsewhere && !device?.notice && !deviceError && !planError && !runError && !memoryProblem && !hasNews)
    return null;
  return (
    <div className="notices" id="notices" tabIndex={-1}>
      <OtherTab />
      <SilentWorker />
      {deviceError && (
        <ErrorNotice
          report={deviceError}
          actions={
            <Button size="sm" onClick={() => location.reload()}>
              Reload the page
            </Button>
          }
        />
      )}
      {runError && (
        <ErrorNotice
          report={runError}
          actions={
            <Button size="sm" onClick={dismissRunError}>
              Dismiss
            </Button>
          }
        />
      )}
      {planError && <ErrorNotice report={planError} />}
      {memoryProblem && <MemoryNotice problem={memoryProblem} />}
      {device?.notice && <DeviceNotice words={device.notice} />}
      <SaidNotices />
    </div>
  );
}

/** Friendly: nothing is wrong, it is only slower. */
function DeviceNotice({ words }: { words: string }) {
  const { happened, values } = splitMessage(words);
  return (
    <Notice icon="chip" title={happened}>
      {values || undefined}
    </Notice>
  );
}
