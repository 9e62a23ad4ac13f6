import { Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DevicePreference } from '../../workers/api/trainerApi';
import { switchDevice } from '../state/commands';
import { devicePreferences, writeDevicePreference } from '../state/devicePreference';
import { useMemoryLimit, useRun, useSession } from '../state/hooks';
import { setMemoryLimit } from '../state/memoryLimit';
import { isRunning } from '../state/run';
import { Icon } from '../ui/Icon';

/** What computes, and a choice of it. */
export function DeviceBadge() {
  const device = useSession((state) => state.device);
  const failed = useSession((state) => state.deviceError !== null);
  const [isOpen, setIsOpen] = useState(false);
  const label = device?.label ?? (failed ? 'No device' : 'Looking for a device');
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      width={312}
      trapFocus
      returnFocus
      withinPortal={false}
      classNames={{ dropdown: 'menu' }}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <button
          type="button"
          className="badge"
          data-testid="device-badge"
          title="Choose the device"
          onClick={() => setIsOpen(!isOpen)}
        >
          <Icon name="chip" />
          <span className="sr">Device: </span>
          {label}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Device">
        <DeviceChoices onDone={() => setIsOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function DeviceChoices({ onDone }: { onDone: () => void }) {
  const preference = useSession((state) => state.preference);
  const running = useRun(isRunning);
  const hasResult = useRun((state) => state.result !== null);
  const choose = (value: DevicePreference) => {
    onDone();
    if (value === preference) return;
    writeDevicePreference(value);
    void switchDevice(value);
  };
  return (
    <>
      <p className="menu-words">{menuWords(running, hasResult)}</p>
      {devicePreferences.map((entry) => (
        <button
          key={entry.value}
          type="button"
          className="menu-item"
          aria-pressed={entry.value === preference}
          disabled={running}
          data-testid={`device-${entry.value}`}
          onClick={() => choose(entry.value)}
        >
          <span className="menu-mark">{entry.value === preference && <Icon name="tick" />}</span>
          <span>
            <b>{entry.label}</b>
            <small>{entry.help}</small>
          </span>
        </button>
      ))}
      <MemoryLimit />
    </>
  );
}

/** The most a run may hold; empty for whatever the device gives. */
function MemoryLimit() {
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

function menuWords(running: boolean, hasResult: boolean): string {
  if (running) return 'The device can be changed when the run is over.';
  if (hasResult) return 'Data and model are read again, and the finished run goes: download its adapter first.';
  return 'Where the model is trained. Data and model are read again.';
}
