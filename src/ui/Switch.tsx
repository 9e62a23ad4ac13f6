import type { InputHTMLAttributes } from 'react';
import './Switch.css';

/** On or off; ink when on. */
export function Switch(props: Omit<InputHTMLAttributes<HTMLInputElement>, 'type' | 'role'>) {
  return <input type="checkbox" role="switch" className="switch" {...props} />;
}
