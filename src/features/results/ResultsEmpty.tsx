import { EmptyPlace } from '../../ui/EmptyPlace';
import { useRun } from '../../state/hooks';
import { goTo } from '../../state/place';
import { isRunning } from '../../state/run';

/** Before any result: the next step. */
export function ResultsEmpty() {
  const running = useRun(isRunning);
  return (
    <EmptyPlace
      title="No results yet"
      action={running ? 'See the run' : 'Prepare one'}
      onAction={() => goTo(running ? 'run' : 'prepare')}
    >
      {running
        ? 'They come when the run under way ends.'
        : 'They come when a run ends, or when a downloaded adapter has been evaluated.'}
    </EmptyPlace>
  );
}
