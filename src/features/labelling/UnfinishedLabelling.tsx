import { useLabelling } from '../../state/hooks';
import { goTo } from '../../state/place';
import { Button } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { Notice } from '../../ui/Notice';

/** A table that an earlier visit did not finish, where it may be overlooked. */
export function UnfinishedLabelling() {
  const { kept, work } = useLabelling();
  if (work !== null || kept?.kind !== 'labelled' || kept.labelled.isFinished) return null;
  const { table, done } = kept.labelled;
  return (
    <div data-testid="unfinished-labelling">
      <Notice
        icon="again"
        title={`${table.name}: ${formatCount(done)} of ${formatCount(table.rowCount)} rows are labelled`}
        actions={
          <Button size="sm" onClick={() => goTo('results')}>
            Show it
          </Button>
        }
      >
        The rest waits on this device.
      </Notice>
    </div>
  );
}
