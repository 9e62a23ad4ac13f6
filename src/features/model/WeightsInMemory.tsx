import { useEffect } from 'react';
import type { MemoryChoice, MemoryEstimate } from '../../../workers/api/memory';
import { useMemoryEstimate, useReading, useSession } from '../../state/hooks';
import { keepEstimateFresh } from '../../state/memoryEstimate';
import { setSetting } from '../../state/settings';
import { formatBytes } from '../../ui/format';
import './WeightsInMemory.css';

const bits = { float32: '32-bit', float16: '16-bit', int8: '8-bit', int4: '4-bit' } as const;
const exactness = {
  float32: 'Exact.',
  float16: 'As good as exact.',
  int8: 'Hardly a difference.',
  int4: 'A little less exact.',
} as const;

/** What a run with the chosen model takes, by the bits of its frozen weights, against one line: what is allowed here. */
export function WeightsInMemory() {
  useEffect(keepEstimateFresh, []);
  const estimate = useMemoryEstimate();
  const { settings } = useReading();
  const onProcessor = useSession((state) => state.device?.executor === 'wasm');
  const isRefused = useSession((state) => state.planError !== null);
  if (!estimate) {
    const words = isRefused ? 'is told as soon as the problem above is settled' : 'is being computed';
    return <p className="help">What it takes in memory {words}.</p>;
  }
  const { choices, limitBytes } = estimate;
  const scaleBytes = 1.04 * Math.max(limitBytes ?? 0, ...choices.map(({ memory }) => memory.totalBytes));
  return (
    <div data-testid="weights-in-memory">
      <div className="panel-head in-memory-head">
        <h3 id="in-memory-title">Weights in memory</h3>
        <p className="reading">{lineWords(estimate)}</p>
      </div>
      <div className="in-memory" role="radiogroup" aria-labelledby="in-memory-title">
        {choices.map((choice) => (
          <Storage
            key={choice.weightStorage}
            choice={choice}
            limitBytes={limitBytes}
            scaleBytes={scaleBytes}
            isChosen={choice.weightStorage === settings.weightStorage}
          />
        ))}
      </div>
      <p className="in-memory-keys help">
        <span className="key is-weights">weights</span>
        <span className="key is-texts">texts in flight</span>
        <span className="key is-adapter">adapter, optimizer</span>
      </p>
      <p className="help">
        {onProcessor && 'The processor holds weights as float32, whatever is chosen: fewer bits save nothing here. '}
        {estimate.isOfData
          ? 'With this data and these settings.'
          : 'For texts of the longest length that the settings allow, until there is data.'}
      </p>
    </div>
  );
}

interface StorageProps {
  choice: MemoryChoice;
  limitBytes: number | null;
  scaleBytes: number;
  isChosen: boolean;
}

function Storage({
  choice: { weightStorage, memory, gradientCheckpointing, fits },
  limitBytes,
  scaleBytes,
  isChosen,
}: StorageProps) {
  const width = (bytes: number) => ({ width: `${(100 * bytes) / scaleBytes}%` });
  return (
    <label className="choice">
      <input
        type="radio"
        name="weights-in-memory"
        value={weightStorage}
        checked={isChosen}
        onChange={() => setSetting('weightStorage', weightStorage)}
        data-testid={`in-memory-${weightStorage}`}
      />
      <b className="in-memory-row">
        {bits[weightStorage]}
        <span>{formatBytes(memory.totalBytes)}</span>
      </b>
      <span className="in-memory-bar" aria-hidden="true">
        <i className="is-weights" style={width(memory.weightBytes)} />
        <i className="is-texts" style={width(memory.activationBytes)} />
        <i className="is-adapter" style={width(memory.adapterBytes)} />
        {limitBytes !== null && <u style={{ left: `${(100 * limitBytes) / scaleBytes}%` }} />}
      </span>
      <span className="help">
        {exactness[weightStorage]} {gradientCheckpointing && 'Activations are computed again. '}
        {fits ? '' : overWords(memory.totalBytes, limitBytes)}
      </span>
    </label>
  );
}

function overWords(totalBytes: number, limitBytes: number | null): string {
  const isOver = limitBytes !== null && totalBytes > limitBytes;
  return isOver
    ? `${formatBytes(totalBytes - limitBytes)} over what is allowed here.`
    : 'One part of it is larger than a kernel of this device reaches.';
}

function lineWords({ limitBytes, limitOwner }: MemoryEstimate): string {
  if (limitBytes === null) return 'no line: the browser does not tell how much there is';
  return limitOwner === 'user' ? `line: your limit, ${formatBytes(limitBytes)}` : `line: ${formatBytes(limitBytes)} allowed here`;
}
