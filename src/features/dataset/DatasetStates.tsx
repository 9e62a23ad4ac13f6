import type { DatasetFailure, SessionState } from '../../state/session';
import { useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { formatBytes, formatCount } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { cancelReading, dropFiles, leaveFailedDataset, loadSample, readFailedAgain } from '../../state/commands';
import { ColumnsByHand } from './ColumnsByHand';
import { Excerpt } from './Excerpt';
import { useFileDrop } from '../../ui/useFileDrop';
import { FileLine } from './DatasetPanel';
import { pickFile } from './FileInputs';
import { namedColumns } from './namedColumns';

/** A file being read: bytes and rows so far. */
export function ReadingPanel({ loading }: { loading: NonNullable<SessionState['datasetLoading']> }) {
  const { file, loadedBytes, totalBytes, rows } = loading;
  return (
    <Panel
      title="Data"
      id="data"
      reading={
        rows > 0 ? (
          <>
            <b>{formatCount(rows)}</b> rows so far
          </>
        ) : (
          'Opening'
        )
      }
    >
      <div className="reading-file">
        <p>
          <b>Reading {file}</b>
          {totalBytes > 0 && <span>{`${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`}</span>}
        </p>
        <Meter label={`Bytes of ${file} read`} share={totalBytes > 0 ? loadedBytes / totalBytes : null} />
        <Button size="sm" onClick={() => void cancelReading()} data-testid="cancel-reading">
          Stop reading
        </Button>
      </div>
    </Panel>
  );
}

/** A file that could not be read: what happened, what to do, and what is still there. */
export function FailurePanel({ failure }: { failure: DatasetFailure }) {
  const { isOver, handlers } = useFileDrop((files) => void dropFiles(files));
  const { file, report } = failure;
  const guilty = guiltyFile(failure);
  return (
    <Panel title="Data" id="data" reading="Not read">
      <div className={isOver ? 'dropping' : undefined} {...handlers}>
        <FileLine name={guilty.name} detail={guilty.sizeBytes === null ? '' : formatBytes(guilty.sizeBytes)}>
          <Button kind="text" size="sm" onClick={() => pickFile('train')}>
            Choose another file
          </Button>
        </FileLine>
        <ErrorNotice report={report} />
        <Excerpt report={report} />
        <Offer failure={failure} />
        <ColumnsByHand failure={failure} key={file} />
        <div className="still-here">
          <StillHere isCurable={namedColumns(report) !== null} />
        </div>
      </div>
    </Panel>
  );
}

/** What would let the file be read after all. */
function Offer({ failure }: { failure: DatasetFailure }) {
  const { offer, row } = failure.report.details;
  if (!failure.files) return null;
  if (offer === 'windows-1252') {
    return (
      <div className="row offer">
        <Button
          kind="go"
          onClick={() => void readFailedAgain(failure, { encoding: 'windows-1252' })}
          data-testid="read-as-windows"
        >
          Read it as windows-1252
        </Button>
      </div>
    );
  }
  if (offer !== 'leave-out-broken-rows' || typeof row !== 'number') return null;
  return (
    <div className="row offer">
      <Button kind="go" onClick={() => void readFailedAgain(failure, { leaveOutBrokenRows: true })} data-testid="leave-out-rows">
        {`Leave row ${formatCount(row)} out and read on`}
      </Button>
    </div>
  );
}

/** The file that the error names, which need not be the one for training. */
function guiltyFile({ file, files, sizeBytes, report }: DatasetFailure): { name: string; sizeBytes: number | null } {
  const named = [files?.train, files?.validation, files?.test].find((given) => given?.name === report.details['file']);
  return named ? { name: named.name, sizeBytes: named.size } : { name: file, sizeBytes };
}

function StillHere({ isCurable }: { isCurable: boolean }) {
  const dataset = useSession((state) => state.dataset);
  if (!dataset) {
    return (
      <div className="row">
        <Button kind={isCurable ? 'plain' : 'go'} onClick={() => pickFile('train')}>
          Choose another file
        </Button>
        <Button data-testid="use-sample" onClick={() => void loadSample()}>
          Use the sample
        </Button>
        <Button kind="text" onClick={() => void leaveFailedDataset()} data-testid="dismiss-error">
          Back to the start
        </Button>
      </div>
    );
  }
  return (
    <Notice
      title="Your previous dataset is still here"
      actions={
        <Button size="sm" onClick={() => void leaveFailedDataset()} data-testid="dismiss-error">
          Go back to it
        </Button>
      }
    >
      {`${dataset.name}, ${formatCount(dataset.rowCount)} rows, with its columns, split and settings.`}
    </Notice>
  );
}
