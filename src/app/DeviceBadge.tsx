import { Menu } from '@mantine/core';
import { switchDevice } from '../state/commands';
import { devicePreferences, writeDevicePreference } from '../state/devicePreference';
import { useRun, useSession } from '../state/hooks';
import { isRunning } from '../state/run';
import { Icon } from '../ui/Icon';

/** What computes, and a menu to choose it. */
export function DeviceBadge() {
  const device = useSession((state) => state.device);
  const failed = useSession((state) => state.deviceError !== null);
  const preference = useSession((state) => state.preference);
  const running = useRun(isRunning);
  const hasResult = useRun((state) => state.result !== null);
  const label = device?.label ?? (failed ? 'No device' : 'Looking for a device');
  return (
    <Menu
      position="bottom-end"
      width={312}
      classNames={{ dropdown: 'menu', item: 'menu-item', label: 'menu-label' }}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <button type="button" className="badge" data-testid="device-badge" title="Choose the device">
          <Icon name="chip" />
          <span className="sr">Device: </span>
          {label}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{menuWords(running, hasResult)}</Menu.Label>
        {devicePreferences.map((entry) => (
          <Menu.Item
            key={entry.value}
            role="menuitemradio"
            aria-checked={entry.value === preference}
            disabled={running}
            leftSection={<span className="menu-mark">{entry.value === preference && <Icon name="tick" />}</span>}
            data-testid={`device-${entry.value}`}
            onClick={() => {
              writeDevicePreference(entry.value);
              void switchDevice(entry.value);
            }}
          >
            <b>{entry.label}</b>
            <small>{entry.help}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function menuWords(running: boolean, hasResult: boolean): string {
  if (running) return 'The device can be changed when the run is over.';
  if (hasResult) return 'Data and model are read again; the finished run goes. Download its adapter first.';
  return 'Where the model is trained. Data and model are read again.';
}
