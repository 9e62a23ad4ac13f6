import { TuneletError } from '../../api/errors';
import type { LabellingRequest } from '../../api/labelling';
import type { Job } from '../../prediction/job';
import { mostLabels } from '../../prediction/marks';
import type { RowFileWriter } from '../../prediction/rowFile';
import type { LabellerAbout } from './labeller';

/** Throws 'data/missing-column' and, for a model without classes, 'run/not-ready'. */
export function checkRequest({ table }: Job, { columns }: LabellingRequest, { labels }: Pick<LabellerAbout, 'labels'>): void {
  const missing = columns.find((column) => !table.columns.includes(column));
  if (missing !== undefined || columns.length === 0) {
    throw new TuneletError(
      'data/missing-column',
      `Labelling ${table.name}, there is no column “${(missing ?? '').slice(0, 60)}” to read the texts from.`,
      'Choose a column that the table has.',
      { file: table.name },
    );
  }
  if (labels.length < 2 || labels.length > mostLabels) {
    throw new TuneletError(
      'run/not-ready',
      `Labelling ${table.name}, the model has ${labels.length} classes; labels need from 2 to ${mostLabels.toLocaleString('en')}.`,
      'Evaluate the adapter on a dataset with its classes first, or train on one.',
    );
  }
}

export function noRows(file: string, { rowCount, columns, skipped }: RowFileWriter): TuneletError {
  const why =
    rowCount === 0
      ? `there is no row in it${columns.length > 0 ? ` below its header (${columns.slice(0, 8).join(', ')})` : ''}`
      : `none of its ${rowCount} rows can be read; there are ${skipped.map(({ count, reason }) => `${count} ${reason}`).join(', ')}`;
  return new TuneletError('data/no-rows', `Reading ${file}, ${why}.`, 'Choose a file with one row for each text.', {
    file,
    rowCount,
  });
}

export function nothingToLabel(): TuneletError {
  return new TuneletError('run/not-ready', 'There is no table to label.', 'Choose a file with the texts first.');
}

export function cancelled(): TuneletError {
  return new TuneletError(
    'data/cancelled',
    'Reading the table was stopped, as you asked.',
    'Choose the file again when you like.',
  );
}

export function busyHere(): TuneletError {
  return new TuneletError('session/busy', 'A table is being labelled already.', 'Wait for it, or stop it first.');
}

export function busyElsewhere(): TuneletError {
  return new TuneletError(
    'storage/busy',
    'A table is being labelled in another tab of this page.',
    'Wait for it, or stop it there, then try again.',
  );
}
