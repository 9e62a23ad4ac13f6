import { useEffect, useState } from 'react';
import { runStore } from '../../state/runStore';
import type { RunState } from '../../state/run';

/**
 * The run at most once every `intervalMs`, its last state always included. For what is dear to draw: on the processor's
 * executor the page and the training share the same cores.
 */
export function useSteadyRun(intervalMs: number): RunState {
  const [shown, setShown] = useState(() => runStore.getState());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const take = () => {
      timer = null;
      setShown(runStore.getState());
    };
    const unsubscribe = runStore.subscribe(() => {
      timer ??= setTimeout(take, intervalMs);
    });
    take();
    return () => {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
    };
  }, [intervalMs]);
  return shown;
}
