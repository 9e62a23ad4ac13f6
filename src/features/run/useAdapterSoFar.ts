import { useState } from 'react';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import { trainer } from '../../client/trainerClient';
import { saveFile } from '../../ui/saveFile';

/** Downloads what a run that cannot go on has learnt so far. */
export function useAdapterSoFar(): { download: () => void; isPacking: boolean; error: ErrorReport | null } {
  const [isPacking, setIsPacking] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const download = () => {
    setIsPacking(true);
    setError(null);
    trainer()
      .exportSoFar()
      .then(({ name, blob }) => saveFile(name, blob))
      .catch((thrown: unknown) => setError(reportOf(thrown)))
      .finally(() => setIsPacking(false));
  };
  return { download, isPacking, error };
}
