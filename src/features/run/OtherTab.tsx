import { useElsewhere } from '../../state/hooks';
import { Notice } from '../../ui/Notice';

/** A run of another tab of this page: this one shows it and touches nothing. */
export function OtherTab() {
  const elsewhere = useElsewhere();
  if (!elsewhere) return null;
  const name = elsewhere.name === '' ? 'A run' : elsewhere.name;
  return (
    <div data-testid="other-tab">
      <Notice title={`${name} is training in another tab`}>
        {elsewhere.isLive
          ? 'This tab shows it live and changes nothing.'
          : 'One run at a time can train, so nothing can be started here until it is over.'}
      </Notice>
    </div>
  );
}
