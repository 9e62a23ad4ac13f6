import { TuneletError } from '../../api/errors';
import type { CardRecord } from '../../lora/trainingLog';
import type { ChosenModel } from '../model/modelRoom';
import type { ReopenedRun } from './runRoom';

/** What a model card tells of a kept run. Throws 'run/not-ready' where an earlier version kept the run, which did not record what. */
export function keptRecord({ run, result, data }: ReopenedRun, model: ChosenModel): CardRecord {
  if (data === null) {
    throw new TuneletError(
      'run/not-ready',
      'An earlier version of Tunelet kept this run, and did not record what the merged model’s card says of its data.',
      'Download its adapter, import it under Prepare, and evaluate it: then it can be merged.',
    );
  }
  const { name, source, revision } = run.model;
  return {
    labels: result.labels,
    padTokenId: model.padTokenId,
    maxLength: run.settings.maxLength,
    base: { name, source, revision, licence: model.summary.licence },
    settings: run.settings,
    data,
    result,
    device: run.device,
  };
}
