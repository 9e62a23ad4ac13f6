import type { KeptRuns } from '../../../workers/api/runs';
import { DeleteButton } from '../../ui/DeleteButton';
import { Notice } from '../../ui/Notice';
import { deleteRun } from '../../state/keptRunCommands';

/** Runs whose files cannot be read: what is wrong, and the way to let go of them. */
export function DamagedRuns({ damaged }: Pick<KeptRuns, 'damaged'>) {
  return damaged.map(({ id, sizeBytes, report }) => (
    <Notice
      key={id}
      kind="warn"
      title="A run cannot be read"
      actions={
        <DeleteButton
          name="the damaged run"
          sizeBytes={sizeBytes}
          disabled={false}
          onDelete={() => void deleteRun(id, 'The damaged run')}
          testId="damaged"
        />
      }
    >
      {report.message} {report.remedy}
    </Notice>
  ));
}
