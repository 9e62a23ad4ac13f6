/** Asks a moment after the last of several changes; an answer to an earlier one is no longer wanted. */
export interface Settled {
  schedule: () => void;
  cancel: () => void;
}

/** `ask` hears whether its answer is still wanted, and how to be asked again. */
export function settled(ask: (isWanted: () => boolean, again: () => void) => Promise<void>, settleMs: number): Settled {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wanted = 0;
  const cancel = () => {
    clearTimeout(timer);
    wanted += 1;
  };
  const schedule = () => {
    cancel();
    const ticket = wanted;
    timer = setTimeout(() => void ask(() => ticket === wanted, schedule), settleMs);
  };
  return { schedule, cancel };
}
