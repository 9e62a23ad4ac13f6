import type { RunPhase, TrainerEvent } from '../../workers/api/events';
import { receiveDownload } from './hub';
import { receiveDatasetDownload, receiveRowsRead } from './hubDataset';
import { receiveKeeping } from './keeping';
import { forgetShownRun, receiveKeptRun } from './keptRuns';
import { isRunning } from './run';
import { receiveRunEvent, runStore } from './runStore';
import { addNotice, announce, sessionStore } from './session';
import { receiveLabelling } from './labelling';
import { receiveExport } from './exporting';
import { receivePush } from './push';
import { tellOtherTabs } from './tabs';
import { heardFromWorker } from './workerHealth';
import { receiveWriting } from './writing';

/** Hands one event of the trainer to the stores that it concerns. */
export function handleEvent(event: TrainerEvent): void {
  heardFromWorker();
  receiveRunEvent(event);
  tellOtherTabs(event);
  switch (event.kind) {
    case 'dataset-progress': {
      const { file, loadedBytes, totalBytes, rows } = event;
      sessionStore.setState((state) =>
        state.datasetLoading ? { datasetLoading: { file, loadedBytes, totalBytes, rows } } : state,
      );
      receiveRowsRead(rows);
      return;
    }
    case 'tokenise-progress': {
      const { texts, totalTexts } = event;
      sessionStore.setState({ tokenising: texts < totalTexts ? { texts, totalTexts } : null });
      return;
    }
    case 'change-progress': {
      const { texts, totalTexts } = event;
      sessionStore.setState({ changing: texts < totalTexts ? { texts, totalTexts } : null });
      return;
    }
    case 'dataset-download':
      receiveDatasetDownload(event.download);
      return;
    case 'dataset-kept':
      receiveKeeping(event.keeping);
      return;
    case 'model-progress': {
      const { file, loadedBytes, totalBytes } = event;
      sessionStore.setState((state) => (state.modelLoading ? { modelLoading: { file, loadedBytes, totalBytes } } : state));
      return;
    }
    case 'download-progress':
      receiveDownload(event.progress);
      return;
    case 'device':
      sessionStore.setState({ device: event.device });
      return;
    case 'notice':
      if (!isRunning(runStore.getState())) addNotice(event.message);
      announce(event.message);
      return;
    case 'phase':
      announce(phaseWords[event.phase]);
      return;
    case 'checkpoint':
      return;
    case 'checkpoint-failed':
    case 'run-failed':
      announce(`${event.error.message} ${event.error.remedy}`);
      return;
    // The phase that goes with these is announced.
    case 'run-started':
      forgetShownRun();
      return;
    case 'run-finished':
      return;
    case 'run-kept':
      receiveKeptRun(event.run);
      return;
    case 'evaluation-progress':
      // Its texts are not counted aloud; where the phase goes on to something else that is said once.
      if (event.answers && event.done === 0) announce('Writing free answers.');
      return;
    // Steps and figures are not announced: they come too often.
    case 'device-wait':
      if (event.wait.state === 'asking') announce('The graphics device has not come back. Choose how the run goes on.');
      return;
    case 'steps':
    case 'resumed':
    case 'went-back':
    case 'evaluation':
    case 'text-evaluation':
    case 'compile-progress':
      return;
    case 'export-progress':
      receiveExport(event);
      return;
    case 'push-progress':
      receivePush(event);
      return;
    case 'labelling-progress':
      receiveLabelling(event.progress);
      return;
    case 'generated':
      receiveWriting(event);
      return;
    default:
      event satisfies never;
  }
}

const phaseWords: Record<RunPhase, string> = {
  'loading-weights': 'Loading the weights.',
  compiling: 'Getting the device ready.',
  'evaluating-base': 'Evaluating the base model.',
  training: 'Training.',
  evaluating: 'Evaluating.',
  paused: 'Paused.',
  'waiting-for-device': 'The run waits for the graphics device. Your work is safe.',
  'final-evaluation': 'Training is done. Evaluating the best step.',
  stopped: 'Stopped before the first step. Nothing was trained; data and settings are kept.',
  finished: 'Finished. The results are ready.',
  failed: 'The run has stopped.',
};
