import type { SettingProblem } from '../../workers/api/checkSettings';
import type { DownloadProgress } from '../../workers/api/hub';
import { hyperparameters } from '../../workers/api/hyperparameters';
import type { ModelSummary } from '../../workers/api/model';
import type { SessionState } from './session';

/** What Start needs before it can start, and where to settle it. */
export interface StartGap {
  /** "Start needs a dataset". */
  label: string;
  /** For the dock: "Needs a dataset". */
  short: string;
  /** One sentence under the button. */
  remedy: string;
  /** Id of the part of Prepare that settles it. */
  part: string;
}

type Needs = Pick<
  SessionState,
  | 'device'
  | 'deviceError'
  | 'dataset'
  | 'datasetLoading'
  | 'datasetError'
  | 'model'
  | 'modelLoading'
  | 'plan'
  | 'planError'
  | 'evaluating'
>;

/**
 * The first thing missing, in the order of the page; null when a run can start.
 * @param download what is on its way, of whatever model
 */
export function startGap(
  session: Needs,
  problems: readonly SettingProblem[],
  download: DownloadProgress | null = null,
): StartGap | null {
  if (session.deviceError) return gap('a device', 'The page could not start its worker; the notice says what to do.', 'notices');
  if (session.datasetLoading) return gap('the data read', 'Reading goes on; set the rest meanwhile.', 'data');
  if (session.datasetError)
    return gap(
      'the file settled',
      session.dataset ? 'Choose another file, or go back to the data before it.' : 'Choose another file, or use the sample.',
      'data',
    );
  if (!session.dataset) return gap('a dataset', 'Drop a file, or use the sample data, and this button starts the run.', 'data');
  if (session.modelLoading) return gap('the model read', 'Reading goes on; set the rest meanwhile.', 'model');
  if (session.evaluating) return gap('the evaluation done', 'It takes a moment, and the results open by themselves.', 'notices');
  if (!session.device) return gap('a device', 'Looking for the fastest one; this takes a moment.', 'notices');
  if (!session.model) return gap('a model', 'Choose one of the three ways to get one.', 'model');
  if (download && isOf(download, session.model)) {
    const { secondsLeft } = download;
    const left = secondsLeft === null ? '' : `, ${formatSeconds(secondsLeft)}`;
    return { ...gap(`the model${left}`, 'The download goes on while you set the rest.', 'model'), short: 'Needs the model' };
  }
  const [problem] = problems;
  if (problem) {
    const entry = hyperparameters.find((candidate) => candidate.key === problem.key);
    return gap(`${entry?.label.toLowerCase() ?? problem.key} settled`, problem.message, `setting-${entry?.name ?? problem.key}`);
  }
  if (session.planError) return gap('this settled', `${session.planError.message} ${session.planError.remedy}`, 'notices');
  if (session.plan?.memoryProblem)
    return gap('less memory', 'The notice says what takes it, and has a button for each way to need less.', 'notices');
  return null;
}

function isOf({ id, commit }: DownloadProgress, model: ModelSummary): boolean {
  return model.source === 'hub' && model.name === id && model.revision === commit;
}

/** "53 s", "4 min". */
function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function gap(need: string, remedy: string, part: string): StartGap {
  return { label: `Start needs ${need}`, short: `Needs ${need}`, remedy, part };
}
