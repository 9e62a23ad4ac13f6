import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import './Button.css';
import { Icon, type IconName } from './Icon';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `go` is the filled one: one a screen, the next step. */
  kind?: 'plain' | 'go' | 'text';
  size?: 'sm' | 'normal' | 'big';
  wide?: boolean;
  icon?: IconName;
  /** Drawn as a gap that can still be pressed, to lead to what is missing. */
  blocked?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = 'plain', size = 'normal', wide, icon, blocked, children, className, ...rest }: ButtonProps) {
  const names = ['btn', kind === 'plain' ? '' : kind, size === 'normal' ? '' : size, wide ? 'wide' : '', className ?? ''];
  return (
    <button type="button" className={names.filter(Boolean).join(' ')} aria-disabled={blocked ? true : undefined} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** An action inside a sentence or at the end of a line. */
export function LinkButton({ className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" className={['link', className ?? ''].filter(Boolean).join(' ')} {...rest} />;
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** Said by screen readers and shown on hover. */
  label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  const names = ['icon-btn', className ?? ''].filter(Boolean).join(' ');
  return (
    <button type="button" className={names} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
