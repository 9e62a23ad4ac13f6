import type { RunMemory } from '../../../workers/api/memory';
import { useMemoryLimit } from '../../state/hooks';
import { formatBytes } from '../../ui/format';
import './MemoryNeed.css';

interface MemoryNeedProps {
  memory: RunMemory;
  onProcessor: boolean;
}

/** What the run will hold, before it starts: a sentence, its parts as one bar, and the user's limit on it. */
export function MemoryNeed({ memory, onProcessor }: MemoryNeedProps) {
  const limit = useMemoryLimit();
  const scale = Math.max(memory.totalBytes, limit.bytes ?? 0);
  const parts = [
    { name: 'Weights', bytes: memory.weightBytes },
    { name: 'Adapter and optimizer', bytes: memory.adapterBytes },
    { name: 'Activations', bytes: memory.activationBytes },
  ];
  return (
    <div className="memory" data-testid="memory-need">
      <p>
        This run needs <b>{formatBytes(memory.totalBytes)}</b> of {onProcessor ? 'memory' : 'GPU memory'}
      </p>
      <div className="memory-bar" aria-hidden="true">
        {parts.map(({ name, bytes }) => (
          <i key={name} style={{ width: `${(100 * bytes) / scale}%` }} />
        ))}
        {limit.bytes !== null && <u style={{ left: `${(100 * limit.bytes) / scale}%` }} />}
      </div>
      <dl>
        {parts.map(({ name, bytes }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        ))}
        {limit.bytes !== null && (
          <div>
            <dt>Your limit</dt>
            <dd>{formatBytes(limit.bytes)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
