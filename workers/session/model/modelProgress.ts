import type { TrainerEvent } from '../../api/events';
import type { FileProgress } from '../../weights/fileSource';
import { pacer } from '../pacer';

/** Tells how much of a model's files is read, as often as it can be drawn, and the end of each file. */
export function modelProgress(emit: (event: TrainerEvent) => void): FileProgress {
  const isDue = pacer();
  return (file, loadedBytes, totalBytes) => {
    const isWhole = loadedBytes === totalBytes;
    if (isDue() || isWhole) emit({ kind: 'model-progress', file, loadedBytes, totalBytes: totalBytes ?? loadedBytes });
  };
}
