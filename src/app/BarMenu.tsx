import { Popover } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Icon, type IconName } from '../ui/Icon';
import './BarMenu.css';

interface BarMenuProps {
  icon: IconName;
  /** What the badge in the bar says. */
  label: ReactNode;
  /** What a press on it is for. */
  title: string;
  /** Of what opens, for those who cannot see it. */
  name: string;
  width: number;
  testIds: { badge: string; menu: string };
  children: (close: () => void) => ReactNode;
}

/** A badge at the end of the bar, and what opens below it when it is pressed. */
export function BarMenu({ icon, label, title, name, width, testIds, children }: BarMenuProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      width={width}
      trapFocus
      returnFocus
      withinPortal={false}
      classNames={{ dropdown: 'menu' }}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <button type="button" className="badge" data-testid={testIds.badge} title={title} onClick={() => setIsOpen(!isOpen)}>
          <Icon name={icon} />
          {label}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name} data-testid={testIds.menu}>
        {children(() => setIsOpen(false))}
      </Popover.Dropdown>
    </Popover>
  );
}
