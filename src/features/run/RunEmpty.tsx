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

/** Before the run knows its length. */
export function RunAhead() {
  return <p className="label">Then the base model is evaluated and training starts; the charts follow with the first step.</p>;
}
