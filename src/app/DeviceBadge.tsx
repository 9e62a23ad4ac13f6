import type { DevicePreference } from '../../workers/api/device';
import { devicePreferences, writeDevicePreference } from '../state/devicePreference';
import { useRun, useSession } from '../state/hooks';
import { isRunning } from '../state/run';
import { switchDevice } from '../state/worker';
import { Icon } from '../ui/Icon';
import { BarMenu } from './BarMenu';
import { DeviceOffersList, MemoryLimit, TunerSwitch } from './DeviceSettings';

/** What computes, and a choice of it. */
export function DeviceBadge() {
  const device = useSession((state) => state.device);
  const failed = useSession((state) => state.deviceError !== null);
  const lost = useRun(({ phase, wait }) =>
    phase === 'waiting-for-device' ? `Graphics device ${wait?.full ? 'full' : 'lost'}` : null,
  );
  const label = lost ?? device?.label ?? (failed ? 'No device' : 'Looking for a device');
  return (
    <BarMenu
      icon="chip"
      label={
        <>
          <span className="sr">Device: </span>
          {label}
        </>
      }
      title="Choose the device"
      name="Device"
      width={312}
      testIds={{ badge: 'device-badge', menu: 'device-menu' }}
    >
      {(close) => <DeviceChoices onDone={close} />}
    </BarMenu>
  );
}

function DeviceChoices({ onDone }: { onDone: () => void }) {
  const preference = useSession((state) => state.preference);
  const running = useRun(isRunning);
  const hasResult = useRun((state) => state.result !== null);
  const isFallenBack = useSession((state) => state.device?.executor === 'wasm' && state.preference !== 'wasm');
  const choose = (value: DevicePreference) => {
    onDone();
    // A run that lost its graphics device may have ended on the processor: then the same choice looks for it again.
    if (value === preference && !isFallenBack) return;
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
      <DeviceOffersList />
      <TunerSwitch />
      <MemoryLimit />
    </>
  );
}

function menuWords(running: boolean, hasResult: boolean): string {
  if (running) return 'The device can be changed when the run is over.';
  if (hasResult) return 'Data and model are read again, and the finished run goes: download its adapter first.';
  return 'Where the model is trained. Data and model are read again.';
}
