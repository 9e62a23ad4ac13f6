import { TextInput } from '@mantine/core';
import type { DeviceOffers } from '../../workers/api/device';
import { useMemoryLimit, useRun, useSession, useTuning } from '../state/hooks';
import { setMemoryLimit } from '../state/memoryLimit';
import { isRunning } from '../state/run';
import { switchTuning } from '../state/worker';
import { formatBytes } from '../ui/format';
import { Switch } from '../ui/Switch';

/** What the graphics device in use has, as the browser tells it. */
export function DeviceOffersList() {
  const offers = useSession((state) => state.device?.offers ?? null);
  if (!offers) return null;
  return (
    <dl className="menu-facts" data-testid="device-offers">
      {factsOf(offers).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf({ shaderF16, subgroups, maxBufferBytes, maxBindingBytes }: DeviceOffers): [string, string][] {
  return [
    ['Arithmetic in float16', shaderF16 ? 'yes' : 'no'],
    ['Subgroups', subgroups ? subgroupWords(subgroups) : 'no'],
    ['Largest buffer', formatBytes(maxBufferBytes)],
    ['Largest binding', formatBytes(maxBindingBytes)],
  ];
}

function subgroupWords({ minimum, maximum }: { minimum: number; maximum: number }): string {
  return minimum === maximum ? `of ${minimum}` : `of ${minimum} to ${maximum}`;
}

/** Whether kernels are measured on a graphics device. */
export function TunerSwitch() {
  const onGpu = useSession((state) => state.device?.executor === 'webgpu');
  const running = useRun(isRunning);
  const isOn = useTuning();
  if (!onGpu) return null;
  return (
    <div className="menu-part">
      <label htmlFor="tuner">
        <b>Measure kernels</b>
        <small id="tuner-help">
          Once on this device, in about two seconds; the fastest are kept. Data and model are read again.
        </small>
      </label>
      <Switch
        id="tuner"
        data-testid="tuner"
        checked={isOn}
        disabled={running}
        aria-describedby="tuner-help"
        onChange={(event) => void switchTuning(event.currentTarget.checked)}
      />
    </div>
  );
}

/** The most a run may hold; empty for whatever the device gives. */
export function MemoryLimit() {
  const { text, problem } = useMemoryLimit();
  const onProcessor = useSession((state) => state.device?.executor === 'wasm');
  return (
    <div className="menu-part">
      <label htmlFor="memory-limit">
        <b>Memory limit</b>
        <small id="memory-limit-help" className={problem ? 'problem' : undefined}>
          {problem ?? (onProcessor ? 'Empty: what WebAssembly has room for' : 'Empty: what the device gives')}
        </small>
      </label>
      <span className="menu-quantity">
        <TextInput
          id="memory-limit"
          data-testid="memory-limit"
          inputMode="decimal"
          placeholder="none"
          value={text}
          onChange={(event) => setMemoryLimit(event.currentTarget.value)}
          aria-describedby="memory-limit-help"
          aria-invalid={problem !== null}
          autoComplete="off"
          classNames={{ input: 'input' }}
        />
        GB
      </span>
    </div>
  );
}
