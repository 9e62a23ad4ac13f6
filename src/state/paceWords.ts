import type { PaceEstimate } from '../../workers/api/pace';

/** What an estimate of time rests on. */
export const paceWords: Record<PaceEstimate['basis'], string> = {
  run: 'at the speed of your last run like it',
  trial: 'as a short trial on this device measured it',
  'similar-run': 'at the speed of your last run with this model',
};
