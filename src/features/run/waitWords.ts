import type { DeviceWait } from '../../../workers/api/deviceWait';
import { formatCount, formatDuration } from '../../ui/format';
import { splitMessage } from '../../ui/splitMessage';

/** "Everything up to step 592 is kept." */
function safeWords({ safeStep }: DeviceWait): string {
  return safeStep > 0
    ? `Everything up to step ${formatCount(safeStep)} is kept.`
    : 'No step was taken yet; data and settings are kept.';
}

function goesOn({ safeStep }: DeviceWait, isTraining: boolean): string {
  if (!isTraining) return 'The evaluation begins anew by itself as soon as it returns.';
  return safeStep > 0
    ? `Training goes on by itself from step ${formatCount(safeStep)} as soon as it returns.`
    : 'The run goes on by itself as soon as it returns.';
}

/** What found no room comes first, then what would. */
function fullWords(full: string, wait: DeviceWait, isTraining: boolean): { title: string; words: string } {
  const { happened, values } = splitMessage(full);
  const safe = isTraining ? safeWords(wait) : 'Nothing is lost.';
  const ways =
    wait.smallerBatch && isTraining
      ? `A batch of ${formatCount(wait.smallerBatch.perDeviceTrainBatchSize)} fits, and a step has as many texts as before.`
      : 'Close other tabs and try again, or finish on the processor.';
  return { title: happened, words: [values, safe, ways].filter(Boolean).join(' ') };
}

/** "Finish on the processor, about 27 min". */
export function processorWords({ secondsOnProcessor: seconds }: Pick<DeviceWait, 'secondsOnProcessor'>): string {
  const finish = 'Finish on the processor';
  if (seconds === null) return finish;
  // Nobody knows it better.
  const rough = seconds < 90 ? Math.max(10, Math.round(seconds / 10) * 10) : Math.round(seconds / 60) * 60;
  return `${finish}, about ${formatDuration(rough)}`;
}

/** What the page says of a run that waits; an adapter's evaluation trains nothing. */
export function waitWords(wait: DeviceWait, isTraining: boolean): { title: string; words: string } {
  if (wait.full !== null) return fullWords(wait.full, wait, isTraining);
  const { lostAtStep, state, attempt, attempts, lossesInARow } = wait;
  const at = isTraining && lostAtStep > 0 ? ` at step ${formatCount(lostAtStep)}` : '';
  const title = `The graphics device went away${at}. Your work is safe.`;
  const safe = isTraining ? `${safeWords(wait)} ` : '';
  if (state !== 'asking') {
    return {
      title,
      words: `${safe}After two losses in a row the browser holds the device back for about two minutes. ${goesOn(wait, isTraining)}`,
    };
  }
  if (attempt === 0) {
    const why = `It went away ${lossesInARow} times without a step kept in between, so it is not tried again by itself.`;
    return { title, words: `${safe}${why} Fewer texts at once ask less of it; the processor does without it.` };
  }
  return {
    title,
    words: `${safe}${attempts} tries have found no device. Try again later, finish on the processor, or stop and keep what there is.`,
  };
}
