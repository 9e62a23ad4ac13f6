import { TimeSlice } from '../tokenizer/timeSlice';

/** Work on many texts that goes on as its driver asks; each yield is one text looked at. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

export interface SliceOptions {
  signal: AbortSignal;
  /** Hears now and then how many texts have been looked at, and once at the end. */
  onTexts: (texts: number) => void;
}

/** For small work, and where nobody waits. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** In slices of time between which messages get their turn. Throws the signal's reason when it is aborted. */
export async function inSlices<Result>(steps: Steps<Result>, { signal, onTexts }: SliceOptions): Promise<Result> {
  const slice = new TimeSlice();
  let texts = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) {
      onTexts(texts);
      return step.value;
    }
    texts += 1;
    if (!slice.isOver()) continue;
    onTexts(texts);
    await slice.giveWay();
    signal.throwIfAborted();
  }
}
