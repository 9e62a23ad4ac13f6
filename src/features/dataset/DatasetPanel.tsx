import type { ReactNode } from 'react';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { cancelReading, describeDataset, dropFiles } from '../../state/commands';
import { openDataPanel } from '../../state/dataPanel';
import { useDataPanelOpen, useSession } from '../../state/hooks';
import { openHubDatasets } from '../../state/hubDatasetCommands';
import { Button, LinkButton } from '../../ui/Button';
import { formatBytes, formatCount, formatPercent } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Meter } from '../../ui/Meter';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import { useFileDrop } from '../../ui/useFileDrop';
import { ClassCounts } from './ClassCounts';
import { Columns } from './Columns';
import './DatasetPanel.css';
import { pickFile } from './FileInputs';
import { cleaningWords } from './CleanTexts';
import styles from './dataset.module.css';
import { DatasetParts } from './DatasetParts';
import { DataWarnings } from './DataWarnings';
import { KeepData } from './KeepData';
import { Lengths } from './Lengths';
import { Preview } from './Preview';
import { SkippedRows } from './SkippedRows';
import { splitParts } from './splitParts';

/** The dataset as the worker read it: columns, first rows, classes, lengths, split. */
export function DatasetPanel({ dataset, locked }: { dataset: DatasetSummary; locked: boolean }) {
  const mappingError = useSession((state) => state.mappingError);
  const isOpen = useDataPanelOpen();
  const { isOver, handlers } = useFileDrop((files) => void dropFiles(files), locked);
  return (
    <Panel title="Data" id="data" reading={<RowsReading dataset={dataset} />}>
      <fieldset className={isOver ? 'dropping' : undefined} disabled={locked} aria-label="Dataset" {...handlers}>
        <FileLine name={dataset.name} detail={`${formatBytes(dataset.sizeBytes)}, ${dataset.format}`}>
          <FileActions />
        </FileLine>
        {mappingError && (
          <div className="under-file" ref={intoView}>
            <ErrorNotice report={mappingError} />
          </div>
        )}
        <Changing />
        {isOpen ? <DatasetParts dataset={dataset} /> : <Overview dataset={dataset} />}
        <Footnotes dataset={dataset} />
        <KeepData />
        <p className={styles.more}>
          <LinkButton aria-expanded={isOpen} onClick={() => openDataPanel(!isOpen)} data-testid="open-data">
            {isOpen ? 'Show the overview alone' : 'Clean, split and look through the rows'}
          </LinkButton>
          {!isOpen && (
            <span className="quiet">
              {cleaningWords(dataset.cleaning)}, {dataset.splitMethod}
            </span>
          )}
        </p>
      </fieldset>
    </Panel>
  );
}

/** How far a change of columns, cleaning or split is, where it takes long; the dataset shown is the one before. */
function Changing() {
  const changing = useSession((state) => state.changing);
  if (!changing) return null;
  const share = changing.texts / Math.max(1, changing.totalTexts);
  return (
    <div className={styles.changing} data-testid="changing-data">
      <p>
        Going through the texts, <b>{formatPercent(share, 0)}</b>
      </p>
      <Meter label="Texts gone through" share={share} />
      <Button size="sm" onClick={() => void cancelReading()} data-testid="cancel-change">
        Stop
      </Button>
    </div>
  );
}

/** What was refused stands at the top; the switch that asked for it may be far below. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

function RowsReading({ dataset }: { dataset: DatasetSummary }) {
  const skipped = dataset.skipped.reduce((sum, entry) => sum + entry.count, 0);
  return (
    <>
      <b>{formatCount(dataset.rowCount)}</b> rows,{' '}
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

/** The dataset at a glance. */
function Overview({ dataset }: { dataset: DatasetSummary }) {
  return (
    <>
      <div className="data-grid">
        <div>
          <Columns dataset={dataset} />
          <Preview dataset={dataset} />
        </div>
        <div className="stats">
          {dataset.labels.length > 0 && <ClassCounts labels={dataset.labels} />}
          <Lengths />
        </div>
        <SplitLine dataset={dataset} />
      </div>
      <DataWarnings dataset={dataset} />
      <SkippedRows dataset={dataset} />
    </>
  );
}

function SplitLine({ dataset: { split, splitMethod } }: { dataset: DatasetSummary }) {
  return (
    <div className="split" data-testid="split">
      <b>Split</b>
      {splitParts.map(({ name, label, mark }) => (
        <span className="key" key={name}>
          <i className={mark} />
          {label} {formatCount(split[name])}
        </span>
      ))}
      <div className="split-bar" aria-hidden="true">
        {splitParts.map(({ name, mark }) => split[name] > 0 && <i key={name} className={mark} style={{ flex: split[name] }} />)}
      </div>
      <span className="quiet">{splitMethod}</span>
      <LinkButton onClick={() => openDataPanel(true)}>Change</LinkButton>
    </div>
  );
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
