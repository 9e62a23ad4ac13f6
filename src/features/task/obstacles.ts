import type { DatasetSummary } from '../../../workers/api/dataset';
import type { ModelSummary } from '../../../workers/api/model';
import type { TaskName } from '../../../workers/api/settings';

/** Why a task is not possible with this model and these data, with the way out; null where it is. */
export function obstacles(
  task: TaskName,
  model: Pick<ModelSummary, 'canWrite'> | null,
  dataset: Pick<DatasetSummary, 'labels' | 'columns'> | null,
): string | null {
  if (task !== 'text' && dataset?.labels.length === 0) {
    return dataset.columns.length > 1
      ? 'Needs labels. Name their column under Data.'
      : 'Needs labels, and these data are texts alone.';
  }
  if (task !== 'head' && model?.canWrite === false)
    return 'Needs a model that writes. This one comes without its language-model head.';
  return null;
}
