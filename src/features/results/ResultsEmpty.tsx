import { Button } from '../../ui/Button';
import { useRun } from '../../state/hooks';
import { goTo } from '../../state/place';
import { isRunning } from '../../state/run';
import styles from './results.module.css';

/** Before any result: the next step. */
export function ResultsEmpty() {
  const running = useRun(isRunning);
  return (
    <section className={styles.empty}>
      <h1>No results yet</h1>
      <p>
        {running
          ? 'They come when the run under way ends.'
          : 'They come when a run ends, or when a downloaded adapter has been evaluated.'}
      </p>
      <Button kind="go" onClick={() => goTo(running ? 'run' : 'prepare')}>
        {running ? 'See the run' : 'Prepare one'}
      </Button>
    </section>
  );
}
