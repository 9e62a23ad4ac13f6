import type { ReactNode } from 'react';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { describeDataset, dropFiles } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { openHubDatasets } from '../../state/hubDatasetCommands';
import { Button, LinkButton } from '../../ui/Button';
import { formatBytes, formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import { splitMessage } from '../../ui/splitMessage';
import { useFileDrop } from '../../ui/useFileDrop';
import { ClassCounts } from './ClassCounts';
import { Columns } from './Columns';
import './DatasetPanel.css';
import { pickFile } from './FileInputs';
import { Lengths } from './Lengths';
import { Preview } from './Preview';
import { SkippedRows } from './SkippedRows';
import { Split } from './Split';

/** The dataset as the worker read it: columns, first rows, classes, lengths, split. */
export function DatasetPanel({ dataset, locked }: { dataset: DatasetSummary; locked: boolean }) {
  const mappingError = useSession((state) => state.mappingError);
  const { isOver, handlers } = useFileDrop((files) => void dropFiles(files), locked);
  return (
    <Panel title="Data" id="data" reading={<RowsReading dataset={dataset} />}>
      <fieldset className={isOver ? 'dropping' : undefined} disabled={locked} aria-label="Dataset" {...handlers}>
        <FileLine name={dataset.name} detail={`${formatBytes(dataset.sizeBytes)}, ${dataset.format}`}>
          <FileActions />
        </FileLine>
        {mappingError && (
          <div className="under-file">
            <ErrorNotice report={mappingError} />
          </div>
        )}
        <div className="data-grid">
          <div>
            <Columns dataset={dataset} />
            <Preview dataset={dataset} />
          </div>
          <div className="stats">
            {dataset.labels.length > 0 && <ClassCounts labels={dataset.labels} />}
            <Lengths />
          </div>
          <Split dataset={dataset} />
        </div>
        <Warnings dataset={dataset} />
        <SkippedRows dataset={dataset} />
        <Footnotes dataset={dataset} />
      </fieldset>
    </Panel>
  );
}

function RowsReading({ dataset }: { dataset: DatasetSummary }) {
  const skipped = dataset.skipped.reduce((sum, entry) => sum + entry.count, 0);
  return (
    <>
      <b>{formatCount(dataset.rowCount - skipped)}</b> rows,{' '}
      {dataset.labels.length > 0 && (
        <>
          <b>{formatCount(dataset.labels.length)}</b> classes,{' '}
        </>
      )}
      {skipped === 0 ? (
        'none skipped'
      ) : (
        <>
          <b>{formatCount(skipped)}</b> skipped
        </>
      )}
    </>
  );
}

/** A file's name, what it is, and what can be done with it. */
export function FileLine({ name, detail, children }: { name: string; detail: string; children?: ReactNode }) {
  return (
    <div className="file">
      <Icon name="file" />
      <b>{name}</b>
      <span className="quiet">{detail}</span>
      <span className="end">{children}</span>
    </div>
  );
}

function FileActions() {
  const files = useSession((state) => state.datasetFiles);
  return (
    <>
      {files && !files.validation && (
        <Button kind="text" size="sm" onClick={() => pickFile('validation')}>
          Add validation file
        </Button>
      )}
      {files && !files.test && (
        <Button kind="text" size="sm" onClick={() => pickFile('test')}>
          Add test file
        </Button>
      )}
      <Button kind="text" size="sm" onClick={openHubDatasets} data-testid="hub-dataset-open">
        From the Hub
      </Button>
      <Button kind="text" size="sm" onClick={() => pickFile('train')}>
        {files ? 'Replace file' : 'Use your own file'}
      </Button>
    </>
  );
}

/** What the user should know of data that can be used as they are. */
function Warnings({ dataset }: { dataset: DatasetSummary }) {
  return dataset.warnings.map(({ code, message }) => {
    const { happened, values } = splitMessage(message);
    return (
      <div className="data-warning" key={message} data-testid="dataset-warning" data-code={code}>
        <Notice kind="warn" title={happened}>
          {values || undefined}
        </Notice>
      </div>
    );
  });
}

function Footnotes({ dataset }: { dataset: DatasetSummary }) {
  return (
    <div className="footnotes">
      {dataset.attribution !== null && <p className="help">Source: {dataset.attribution}</p>}
      <p className="help">
        <LinkButton onClick={() => void saveReport(dataset.name)} data-testid="download-dataset-report">
          Download these figures as JSON
        </LinkButton>
        {', with a hash of all rows.'}
      </p>
    </div>
  );
}

async function saveReport(name: string): Promise<void> {
  const report = await describeDataset();
  const json = `${JSON.stringify(report, null, 2)}\n`;
  saveFile(`${name} dataset.json`, new Blob([json], { type: 'application/json' }));
}
