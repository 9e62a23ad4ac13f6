import { LinkButton } from '../../ui/Button';
import { EmptyPlace } from '../../ui/EmptyPlace';
import { useRun } from '../../state/hooks';
import { goTo } from '../../state/place';
import { isRunning } from '../../state/run';

/** Before any run: the next step. */
export function RunsEmpty({ onImport }: { onImport: () => void }) {
  const running = useRun(isRunning);
  return (
    <EmptyPlace
      title="No runs yet"
      action={running ? 'See the run' : 'Prepare one'}
      onAction={() => goTo(running ? 'run' : 'prepare')}
    >
      Every run stays on this device with its settings, figures and adapter until you delete it. Two of them can be compared. Have
      runs from another device?{' '}
      <LinkButton onClick={onImport} data-testid="import-runs">
        Import runs
      </LinkButton>
    </EmptyPlace>
  );
}
