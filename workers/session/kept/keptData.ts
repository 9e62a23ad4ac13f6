import { TuneletError } from '../../api/errors';
import { splitNames } from '../../api/splitNames';
import type { Dataset } from '../../data/dataset';
import { fingerprintOf } from '../../data/report';
import type { DatasetRoom } from '../dataset/datasetRoom';
import type { ReopenedRun } from './runRoom';

/**
 * The data that a kept run learned from, where the file with them is loaded: their columns, cleaning and split are set as the run had them,
 * whatever is chosen now. Throws 'run/not-ready' where other data are loaded or none, and the signal's reason.
 */
export async function dataOfKept(kept: ReopenedRun, data: DatasetRoom, signal: AbortSignal): Promise<DatasetRoom> {
  if (data.isEmpty) throw otherData(kept, 'No data are loaded now.');
  if (await hasItsRows(data.current, kept)) return data;
  const prepared = await data.prepared(kept.run.preparation, signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    // A column that is not there, or rows that are too few for its split.
    if (thrown instanceof TuneletError) return null;
    throw thrown;
  });
  if (prepared && (await hasItsRows(prepared.current, kept))) return prepared;
  throw otherData(kept, `What is loaded now, ${data.current.opened.name}, has other rows.`);
}

/** The same rows, split in the same way, as far as it is kept: sizes, and in their order the texts that judged the run. */
async function hasItsRows(dataset: Dataset, { run, classes }: ReopenedRun): Promise<boolean> {
  if (splitNames.some((split) => dataset.count(split) !== run.dataset.rows[split])) return false;
  if (classes) {
    const { split, evaluation } = classes.judged.tuned;
    const texts = dataset.texts(evaluation.split);
    for (let row = 0; row < texts.length; row += 1) if (texts.at(row) !== split.texts[row]) return false;
  }
  return (await fingerprintOf(dataset)) === run.dataset.hash;
}

function otherData({ run }: ReopenedRun, now: string): TuneletError {
  const { name, rows } = run.dataset;
  const count = rows.train + rows.validation + rows.test;
  return new TuneletError(
    'run/not-ready',
    `A kept run has its settings and its adapter, and not its texts. This one learned from ${name}: ${count} rows, of them ${rows.train} for training, ${rows.validation} for validation and ${rows.test} for the test. ${now}`,
    `Load ${name} on Prepare once more, come back to this run, and download the folder: columns, cleaning and split are then set as the run had them.`,
    { rows: count },
  );
}
