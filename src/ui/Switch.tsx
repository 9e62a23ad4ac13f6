import { Switch as MantineSwitch, type SwitchProps } from '@mantine/core';
import './Switch.css';

/** On or off; ink when on. */
export function Switch(props: SwitchProps) {
  return (
    <MantineSwitch
      size="sm"
      withThumbIndicator={false}
      classNames={{ track: 'switch-track', thumb: 'switch-thumb' }}
      {...props}
    />
  );
}
