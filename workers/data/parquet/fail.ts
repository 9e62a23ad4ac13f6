import { TuneletError } from '../../api/errors';

/** Throws data/bad-parquet with the fault in its message. */
export type Fail = (fault: string) => never;

export function failing(file: string): Fail {
  return (fault) => {
    throw new TuneletError(
      'data/bad-parquet',
      `Reading ${file}, it cannot be read as Parquet: ${fault}.`,
      'Download or write the file again, whole; or export the table as CSV.',
      { file },
    );
  };
}
