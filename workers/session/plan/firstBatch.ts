import type { BatchRow, BatchToken, FirstBatch } from '../../api/firstBatch';
import type { TrainingSettings } from '../../api/settings';
import type { Dataset } from '../../data/dataset';
import { tokenPieces } from '../../data/tokenPieces';
import type { Batch } from '../../engine/executor';
import { epochBatches } from '../../training/examples';
import type { ChosenModel } from '../model/modelRoom';
import type { PlannedRun } from './runPlan';

const mostRows = 6;
/** Of a long row, so many pieces of its beginning and of its end. */
const shownBefore = 16;
const shownAfter = 4;

/** The first micro-batch of the run that is planned, from the very numbers that the model gets. */
export function firstBatch(
  model: ChosenModel,
  dataset: Dataset,
  settings: TrainingSettings,
  { examples }: PlannedRun,
): FirstBatch {
  const [indices = []] = epochBatches(examples.count, settings.perDeviceTrainBatchSize, settings.seed, 0);
  const shown = Array.from(indices).slice(0, mostRows);
  const batch = examples.pack(shown);
  return {
    rows: shown.map((index, place) => ({ ...tokensOf(model, batch, place), ...rowOf(model, dataset, settings, index) })),
    texts: indices.length,
    tokens: examples.tokens(indices),
    target: settings.task === 'head' ? 'class' : 'token',
  };
}

function rowOf(
  { tokenizer }: ChosenModel,
  dataset: Dataset,
  { task, maxLength }: TrainingSettings,
  index: number,
): Pick<BatchRow, 'row' | 'cut' | 'label'> {
  if (task === 'text') return { row: index + 1, cut: 0, label: null };
  const label = dataset.labels[dataset.classes('train')[index] ?? 0] ?? null;
  const all = task === 'head' ? tokenizer.encode(dataset.texts('train').at(index)).length : 0;
  return { row: dataset.rowNumber('train', index), cut: Math.max(0, all - maxLength), label };
}

function tokensOf({ tokenizer }: ChosenModel, { inputs }: Batch, place: number): Pick<BatchRow, 'tokens' | 'leftOut'> {
  const { inputIds, segmentOffsets, pooledRows } = inputs;
  const [from = 0, to = 0] = segmentOffsets?.subarray(place, place + 2) ?? [];
  const ids = inputIds?.subarray(from, to) ?? new Int32Array();
  const targets = new Set(pooledRows);
  const pieces = tokenPieces(ids, tokenizer).map((piece): BatchToken => {
    const own = Array.from(ids.subarray(piece.from, piece.to));
    return { text: piece.text, ids: own, isTarget: own.some((_, at) => targets.has(from + piece.from + at)) };
  });
  if (pieces.length <= shownBefore + shownAfter) return { tokens: pieces, leftOut: null };
  const hidden = pieces.slice(shownBefore, -shownAfter).reduce((sum, piece) => sum + piece.ids.length, 0);
  return {
    tokens: [...pieces.slice(0, shownBefore), ...pieces.slice(-shownAfter)],
    leftOut: { count: hidden, after: shownBefore },
  };
}
