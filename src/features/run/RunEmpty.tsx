import { Button } from '../../ui/Button';
import { goTo } from '../../state/place';
import styles from './run.module.css';

/** Before any run: the next step. */
export function RunEmpty() {
  return (
    <section className={styles.empty}>
      <h1>No run yet</h1>
      <p>A run shows its loss, accuracy and confusion matrices here while it trains.</p>
      <Button kind="go" onClick={() => goTo('prepare')}>
        Prepare one
      </Button>
    </section>
  );
}

/** While an imported adapter is evaluated: there are no steps to draw. */
export function AdapterAhead() {
  return (
    <p className="label">
      Nothing is trained now: both models are judged on the dataset’s texts, and Results opens when they are done.
    </p>
  );
}
