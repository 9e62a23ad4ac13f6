import { useElsewhere, useTakingOver } from '../../state/hooks';
import { takeOver } from '../../state/takeOver';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';

/** A run of another tab of this page: this one shows it and touches nothing, until it takes it over. */
export function OtherTab() {
  const elsewhere = useElsewhere();
  const isTakingOver = useTakingOver();
  if (!elsewhere) return null;
  const name = elsewhere.name === '' ? 'A run' : elsewhere.name;
  if (!elsewhere.isLive) {
    return (
      <div data-testid="other-tab">
        <Notice title={`${name} is training in another tab`}>
          One run at a time can train, so nothing can be started here until it is over.
        </Notice>
      </div>
    );
  }
  return (
    <div data-testid="other-tab">
      <Notice
        title={`${name} is training in another tab`}
        actions={
          <Button size="sm" disabled={isTakingOver} onClick={() => void takeOver()} data-testid="take-over">
            {isTakingOver ? 'Waiting for the other tab' : 'Take over here'}
          </Button>
        }
      >
        This tab shows it live and changes nothing.
      </Notice>
    </div>
  );
}
