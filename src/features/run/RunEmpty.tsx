import { EmptyPlace } from '../../ui/EmptyPlace';
import { useResume } from '../../state/hooks';
import { goTo } from '../../state/place';

/** Before any run: the next step. */
export function RunEmpty() {
  const { run } = useResume();
  // Its card, above, is the next step.
  if (run) return null;
  return (
    <EmptyPlace title="No run yet" action="Prepare one" onAction={() => goTo('prepare')}>
      A run shows its loss, accuracy and confusion matrices here while it trains.
    </EmptyPlace>
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
