import type { MemoryProblem } from '../../../workers/api/memory';
import { useMemoryLimit } from '../../state/hooks';
import { setMemoryLimit } from '../../state/memoryLimit';
import { takeSettings } from '../../state/settings';
import { Button } from '../../ui/Button';
import { formatBytes } from '../../ui/format';
import { Notice } from '../../ui/Notice';
import { splitMessage } from '../../ui/splitMessage';
import { remedyWords } from './remedyWords';

/** Why the run would not fit, and a button for each way to make it fit. */
export function MemoryNotice({ problem }: { problem: MemoryProblem }) {
  const limit = useMemoryLimit();
  const { happened, values } = splitMessage(problem.message);
  const isStuck = problem.remedies.length === 0;
  return (
    <div data-testid="error" data-code="run/too-much-memory">
      <Notice
        kind="error"
        title={happened}
        actionsBelow
        actions={
          <>
            {problem.remedies.map((remedy) => (
              <Button
                key={remedyWords(remedy)}
                size="sm"
                data-testid="memory-remedy"
                onClick={() => takeSettings(remedy.settings)}
              >
                {remedyWords(remedy)}
                <span className="aside">{formatBytes(remedy.memoryBytes)}</span>
              </Button>
            ))}
            {limit.bytes !== null && (
              <Button size="sm" kind="text" onClick={() => setMemoryLimit('')}>
                Remove the limit
              </Button>
            )}
          </>
        }
      >
        {values} {isStuck ? 'No smaller batch helps: shorten the longest text or choose a smaller model.' : waysWords}
      </Notice>
    </div>
  );
}

const waysWords = 'Each of these makes it fit, with as many texts a step as now.';
