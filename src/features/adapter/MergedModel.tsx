import { useState } from 'react';
import { Button } from '../../ui/Button';
import { formatBytes } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { ErrorNotice } from '../../ui/Notice';
import { Segments } from '../../ui/Segments';
import { saveFile } from '../../ui/saveFile';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { RunResult } from '../../../workers/api/results';
import type { MergedExport } from '../../../workers/api/trainerApi';
import { trainer } from '../../client/trainerClient';
import { useExportProgress, useSession } from '../../state/hooks';
import { forgetExport } from '../../state/merged';
import { editedCard } from '../../state/modelCards';
import { allSlices } from '../../state/slices';
import { askForFile } from './askForFile';
import { Way } from './Way';
import styles from './adapter.module.css';

const numberBytes = { float16: 2, float32: 4 } as const;

/** Base and adapter as one model, for those who deploy with transformers alone. */
export function MergedModel({ result }: { result: RunResult }) {
  const [type, setType] = useState<keyof typeof numberBytes>('float16');
  const { isWriting, error, write } = useWriting();
  const progress = useExportProgress();
  // Of the model that is chosen, where that is still the run's.
  const parameters = useSession(({ model }) => (model?.name === result.modelName ? model.parameterCount : null));
  const size = parameters === null ? '' : `, about ${formatBytes(parameters * numberBytes[type])}`;
  return (
    <Way
      title="Merged model"
      words={`${result.modelName} with the adapter in its weights: one folder that transformers loads without PEFT${size}.`}
    >
      <div className={styles.mergedRow}>
        <Segments
          label="Numbers of the merged model"
          value={type}
          options={[
            { value: 'float16', label: 'float16' },
            { value: 'float32', label: 'float32' },
          ]}
          onChange={setType}
        />
        {isWriting ? (
          <Button size="sm" onClick={() => void trainer().cancelExport()}>
            Stop
          </Button>
        ) : (
          <Button size="sm" icon="download" data-testid="download-merged" onClick={() => void write(type, result.name)}>
            Download merged model
          </Button>
        )}
      </div>
      {isWriting && (
        <>
          <Meter label="Merged model" share={progress && progress.doneBytes / progress.totalBytes} />
          <p className="under" data-testid="merged-progress">
            {progress
              ? `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)} written`
              : 'Reading the base model'}
          </p>
        </>
      )}
      {error && <ErrorNotice report={error} />}
    </Way>
  );
}

function useWriting() {
  const [isWriting, setWriting] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const write = async (type: MergedExport['type'], runName: string): Promise<void> => {
    setError(null);
    try {
      const asked = await askForFile(`${runName} merged.zip`);
      if (asked.kind === 'declined') return;
      setWriting(true);
      const file = asked.kind === 'file' ? asked.file : null;
      const archive = await trainer().exportMerged({ type, file }, allSlices(), editedCard('merged'));
      if (archive) saveFile(archive.name, archive.blob);
    } catch (thrown) {
      const report = reportOf(thrown);
      if (report.code !== 'export/cancelled') setError(report);
    } finally {
      setWriting(false);
      forgetExport();
    }
  };
  return { isWriting, error, write };
}
