import type { ColumnMapping, DatasetFiles, DatasetReport, DatasetSummary, ReadChoices, SplitOptions } from '../../workers/api/dataset'; // prettier-ignore
import type { BrowsedRows, BrowseQuery } from '../../workers/api/browse';
import type { CleaningReport, CleaningSettings } from '../../workers/api/cleaning';
import { reportOf } from '../../workers/api/errors';
import type { Archive } from '../../workers/api/trainerApi';
import type { FirstBatch } from '../../workers/api/firstBatch';
import type { ModelSource } from '../../workers/api/model';
import type { AdapterSummary } from '../../workers/api/results';
import { trainer } from '../client/trainerClient';
import { assignFiles, joinFiles, type NamedFiles } from './datasetFiles';
import { hubDatasetStore } from './hubDataset';
import { lookUp, refreshKept, refreshPlan } from './hubCommands';
import { inOrder } from './queue';
import { currentReading } from './settings';
import { announce, sessionStore, type DatasetFailure, type SessionState } from './session';

export async function loadSample(): Promise<void> {
  await readDataset(null, {}, () => trainer().loadSample());
}

/** Reads files for training, validation and test; a validation or test file joins the dataset there is. */
export async function addFiles(added: NamedFiles): Promise<void> {
  const { dataset: before, datasetFiles, heldFiles } = sessionStore.getState();
  const { files, held } = joinFiles(datasetFiles, heldFiles, added);
  sessionStore.setState({ heldFiles: held });
  if (!files) return;
  await readFiles(files, {});
  if (before && !added.train) await prepareAs(before);
}

/** Columns and cleaning that were chosen before another file joined; what the new file does not allow is told, and the rest stays. */
async function prepareAs({ mapping, cleaning }: DatasetSummary): Promise<void> {
  const { dataset, datasetError } = sessionStore.getState();
  if (!dataset || datasetError) return;
  if (JSON.stringify(mapping) !== JSON.stringify(dataset.mapping)) await mapColumns(mapping);
  if (JSON.stringify(cleaning) !== JSON.stringify(dataset.cleaning)) await cleanDataset(cleaning);
}

async function readFiles(files: DatasetFiles, choices: ReadChoices): Promise<void> {
  await readDataset(files, choices, () => trainer().loadDataset(files, choices));
}

/** Reads files again that could not be read, as the error offers. */
export async function readFailedAgain(failure: DatasetFailure, choice: ReadChoices): Promise<void> {
  if (failure.files) await readFiles(failure.files, { ...failure.choices, ...choice });
}

/** Ends the reading of a file or a change of the dataset; the dataset before it stays. */
export async function cancelReading(): Promise<void> {
  await trainer().cancelDataset();
}

/** The dataset in figures, with a hash of its rows. It need not wait for a plan, which may take long. */
export async function describeDataset(): Promise<DatasetReport> {
  return trainer().describeDataset();
}

/** The rows left out, as CSV. */
export async function skippedRows(): Promise<Archive> {
  return trainer().skippedRows();
}

/** As `addFiles`, the parts told by the files' names. */
export async function dropFiles(files: readonly File[]): Promise<void> {
  const [first] = files;
  if (!first) return;
  let assigned: NamedFiles;
  try {
    assigned = assignFiles(files);
  } catch (thrown) {
    sessionStore.setState({
      datasetError: { file: first.name, files: null, choices: {}, sizeBytes: first.size, report: reportOf(thrown) },
    });
    return;
  }
  await addFiles(assigned);
}

let reads = 0;

/** Of several readings the last is shown: says whether this one still is. */
export function beginReading(): () => boolean {
  reads += 1;
  const ticket = reads;
  return () => ticket === reads;
}

/** `read` brings the dataset that these files have; the one before stays where it fails. */
export async function readDataset(
  files: DatasetFiles | null,
  choices: ReadChoices,
  read: () => Promise<DatasetSummary>,
): Promise<void> {
  const name = files?.train.name ?? 'the sample';
  const totalBytes = files ? totalSize(files) : 0;
  // A dropped set of files counts at once, so that the next one can join it; it is taken back where it cannot be read.
  const { datasetFiles: earlier, datasetError: earlierError } = sessionStore.getState();
  hubDatasetStore.setState({ isOpen: false });
  endEarlierWork('read');
  const isLast = beginReading();
  sessionStore.setState({ datasetFiles: files, datasetLoading: { file: name, loadedBytes: 0, totalBytes, rows: 0 } });
  try {
    const dataset = await inOrder(read);
    // With other data, another model or another adapter, what stopped a start may be gone.
    sessionStore.setState({ dataset, datasetError: null, mappingError: null, runError: null });
    if (isLast()) sessionStore.setState({ datasetFiles: files, readChoices: choices, datasetLoading: null });
    announce(`${dataset.name}: ${dataset.rowCount} rows${classWords(dataset)}.`);
  } catch (thrown) {
    const report = reportOf(thrown);
    const failure = { file: name, files, choices, sizeBytes: files ? totalBytes : null, report };
    // What the user stopped has not failed.
    const isStopped = report.code === 'data/cancelled';
    sessionStore.setState({ datasetError: isStopped ? earlierError : failure });
    if (isStopped) announce(report.message);
    if (isLast()) sessionStore.setState({ datasetFiles: earlier, datasetLoading: null });
  }
}

function totalSize(files: DatasetFiles): number {
  const parts = Object.values(files.furtherParts ?? {}).flat();
  const all = [files.train, files.validation, files.test, ...parts];
  return all.reduce((sum, file) => sum + (file?.size ?? 0), 0);
}

export async function mapColumns(mapping: ColumnMapping): Promise<void> {
  await changeDataset(() => trainer().mapColumns(mapping));
}

export async function cleanDataset(cleaning: CleaningSettings): Promise<void> {
  await changeDataset(() => trainer().cleanDataset(cleaning), 'clean');
}

/** What each step of cleaning does; null where the dataset changed meanwhile. It waits for nothing, as it only looks. */
export async function askCleaningReport(): Promise<CleaningReport | null> {
  return trainer().cleaningReport();
}

/** The first batch of the run that the settings ask for; null where no run can be planned. */
export async function askFirstBatch(): Promise<FirstBatch | null> {
  const { settings, problems } = currentReading();
  if (problems.length > 0) return null;
  // What stands in the way of a plan is told where the plan stands.
  return inOrder(() => trainer().firstBatch(settings)).catch(() => null);
}

/** Rows to look at; null where a newer search took the place of this one. */
export async function browseDataset(query: BrowseQuery): Promise<BrowsedRows | null> {
  return trainer().browse(query);
}

/** All rows that match, as CSV. */
export async function browsedRows(query: BrowseQuery): Promise<Archive> {
  return trainer().browsedRows(query);
}

export async function splitDataset(options: Partial<SplitOptions>): Promise<void> {
  await changeDataset(() => trainer().splitDataset(options));
}

/** Reads on in a file whose columns could not be guessed, with columns named by the user. */
export async function mapFailedDataset(failure: DatasetFailure, mapping: ColumnMapping): Promise<void> {
  try {
    const dataset = await inOrder(() => trainer().mapColumns(mapping));
    sessionStore.setState({ dataset, datasetFiles: failure.files, datasetError: null, mappingError: null });
    announce(`${dataset.name}: ${dataset.rowCount} rows${classWords(dataset)}.`);
  } catch (thrown) {
    sessionStore.setState({ datasetError: { ...failure, report: reportOf(thrown) } });
  }
}

/** Back to the dataset that was there before a file failed, or to the first visit. */
export async function leaveFailedDataset(): Promise<void> {
  const { dataset } = sessionStore.getState();
  sessionStore.setState({ datasetError: null, mappingError: null });
  // The worker keeps a file that lacks nothing but its columns; taking up the earlier dataset lets go of it.
  if (dataset) await splitDataset(dataset.splitOptions);
}

type ChangeKind = 'clean' | 'other';

/** The change that the worker is at. */
let underWay: ChangeKind | null = null;

/**
 * What the worker still reads or counts of data that are about to change would only hold up the change. A change is not ended by the
 * next one, which builds on it, unless both say how to clean: the later then says all.
 */
function endEarlierWork(next: ChangeKind | 'read'): void {
  const { datasetLoading, planPending } = sessionStore.getState();
  const isCounting = underWay === null && (datasetLoading !== null || planPending);
  const isOvertaken = underWay !== null && (next === 'read' || (next === 'clean' && underWay === 'clean'));
  if (isCounting || isOvertaken) void trainer().cancelDataset();
}

async function changeDataset(change: () => Promise<DatasetSummary>, kind: ChangeKind = 'other'): Promise<void> {
  endEarlierWork(kind);
  try {
    const dataset = await inOrder(async () => {
      underWay = kind;
      return change().finally(() => {
        underWay = null;
        sessionStore.setState({ changing: null });
      });
    });
    sessionStore.setState({ dataset, mappingError: null });
  } catch (thrown) {
    const report = reportOf(thrown);
    if (report.code === 'data/cancelled') announce(report.message);
    else sessionStore.setState({ mappingError: report });
  }
}

/** Reads another base model; the one before stays where this fails. An imported adapter belongs to its model and goes with it. */
export async function chooseModel(source: ModelSource): Promise<void> {
  const { modelWay: wayBefore } = sessionStore.getState();
  const name = source.kind === 'embedded' ? 'nano-gpt2' : source.kind === 'hub' ? source.id : 'your files';
  sessionStore.setState({ modelLoading: { file: name, loadedBytes: 0, totalBytes: 0 }, modelError: null });
  try {
    const model = await inOrder(async () => {
      const choose = () => trainer().chooseModel(source);
      return source.kind === 'hub' ? lookUp(source, choose) : choose();
    });
    sessionStore.setState((state) => ({
      model,
      modelSource: source,
      modelWay: wayAfter(source, wayBefore, state),
      modelLoading: null,
      adapter: null,
      adapterError: null,
      runError: null,
    }));
    announce(`${model.name} is ready.`);
    // Its small files are here by now.
    if (source.kind === 'hub') await Promise.all([refreshPlan(), refreshKept()]);
  } catch (thrown) {
    sessionStore.setState({ modelLoading: null, modelError: reportOf(thrown) });
  }
}

/** A model shows the way by which it came, unless another was opened meanwhile; one that comes by itself at the start opens none. */
function wayAfter(source: ModelSource, wayBefore: ModelSource['kind'], { model, modelWay }: SessionState): ModelSource['kind'] {
  const isByItself = source.kind === 'embedded' && model === null;
  return modelWay !== wayBefore || isByItself ? modelWay : source.kind;
}

/** Opens one of the ways to a model. The one in use stays until another is read; the embedded one is read at once. */
export function openModelWay(way: ModelSource['kind']): void {
  // What the other way said is of no use here.
  sessionStore.setState({ modelWay: way, modelError: null });
  if (way === 'embedded' && sessionStore.getState().model?.source !== 'embedded') void chooseModel({ kind: 'embedded' });
}

/** Reads a downloaded adapter's zip, or its files. */
export async function importAdapter(files: File[]): Promise<void> {
  await changeAdapter(async () => trainer().importAdapter(files));
}

/** Takes the adapter of a kept run. */
export async function continueFromRun(id: string): Promise<void> {
  await changeAdapter(async () => trainer().continueFrom(id));
}

/** Names for the classes of an adapter that came without them. */
export async function nameLabels(labels: string[]): Promise<void> {
  await changeAdapter(async () => trainer().nameLabels(labels));
}

async function changeAdapter(change: () => Promise<AdapterSummary>): Promise<void> {
  sessionStore.setState({ adapterLoading: true, adapterError: null });
  try {
    const adapter = await inOrder(change);
    sessionStore.setState({ adapter, adapterLoading: false, runError: null });
    announce(`The adapter ${adapter.name} is ready.`);
  } catch (thrown) {
    sessionStore.setState({ adapterLoading: false, adapterError: reportOf(thrown) });
  }
}

function classWords({ labels }: DatasetSummary): string {
  return labels.length === 0 ? '' : ` in ${labels.length} classes`;
}
