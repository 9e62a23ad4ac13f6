import { EmptyPlace } from '../../ui/EmptyPlace';
import { useResume } from '../../state/hooks';
import { goTo } from '../../state/place';

/** Before any run: the next step. */
export function RunEmpty() {
  const { run } = useResume();
  if (run) {
    return (
      <EmptyPlace title="Nothing is training" action="See the data and settings" onAction={() => goTo('prepare')}>
        Continue the run above, and its curves are drawn here again from its first step.
      </EmptyPlace>
    );
  }
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
