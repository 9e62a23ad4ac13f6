import { formatBytes } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { useExporting } from '../../state/hooks';

interface ExportProgressProps {
  /** What is written, for screen readers. */
  label: string;
  /** What is done before its first byte. */
  before: string;
}

/** How much of a download is written that takes a while. */
export function ExportProgress({ label, before }: ExportProgressProps) {
  const { progress } = useExporting();
  return (
    <>
      <Meter label={label} share={progress && progress.doneBytes / progress.totalBytes} />
      <p className="under" data-testid="export-progress" aria-live="polite">
        {progress ? `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)} written` : before}
      </p>
    </>
  );
}
