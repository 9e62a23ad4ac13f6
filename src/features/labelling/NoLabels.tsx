import { goTo } from '../../state/place';
import { LinkButton } from '../../ui/Button';
import { Panel } from '../../ui/Panel';

/** For a model of plain text, which cannot label. */
export function NoLabels() {
  return (
    <Panel level={3} title="Label a file">
      <p className="help" data-testid="no-labels">
        This model learned plain text, so it has no classes to label rows with. A classifier can: prepare a run on a dataset with
        labels. <LinkButton onClick={() => goTo('prepare')}>Prepare one</LinkButton>
      </p>
    </Panel>
  );
}
