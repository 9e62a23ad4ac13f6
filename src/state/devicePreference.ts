import type { DevicePreference } from '../../workers/api/device';

export const devicePreferences: readonly { value: DevicePreference; label: string; help: string }[] = [
  { value: 'auto', label: 'Automatic', help: 'The graphics device where there is one, else the processor' },
  { value: 'webgpu', label: 'WebGPU', help: 'Graphics device, also one that is only simulated' },
  { value: 'wasm', label: 'Processor', help: 'Every core, no graphics device' },
];

/** The `device` parameter of an address: "?device=wasm"; automatic where it names none. */
export function readDevicePreference(search: string): DevicePreference {
  const named = new URLSearchParams(search).get('device');
  return devicePreferences.find((preference) => preference.value === named)?.value ?? 'auto';
}

/** Writes the preference into the address, so that a reload keeps it. */
export function writeDevicePreference(preference: DevicePreference): void {
  const address = new URL(location.href);
  if (preference === 'auto') address.searchParams.delete('device');
  else address.searchParams.set('device', preference);
  history.replaceState(null, '', address);
}
