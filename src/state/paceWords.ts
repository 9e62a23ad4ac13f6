import type { PaceEstimate } from '../../workers/api/pace';

/** What an estimate of time rests on. */
export const paceWords: Record<PaceEstimate['basis'], string> = {
  run: 'by your last run like it',
  trial: 'by a short trial on this device',
  'similar-run': 'by your last run with this model',
  'other-model': 'roughly, from what another model took on this device',
};
