import type { ReactNode } from 'react';
import { useKeptRuns, useLabelling, useRun, useTheme } from '../state/hooks';
import { isRunning } from '../state/run';
import { toggleTheme } from '../state/theme';
import type { Place } from '../state/place';
import { IconButton } from '../ui/Button';
import './Bar.css';
import { DeviceBadge } from './DeviceBadge';
import { PrivacyNote } from './PrivacyNote';

/** Brand, places, device and theme. */
export function Bar({ place }: { place: Place }) {
  const { scheme } = useTheme();
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <header className="bar">
      <a className="brand" href="#prepare">
        <Mark />
        Tunelet
      </a>
      <Places place={place} />
      <div className="bar-end">
        <PrivacyNote />
        <DeviceBadge />
        <IconButton
          icon={scheme === 'dark' ? 'moon' : 'sun'}
          label={`Switch to ${other}`}
          onClick={toggleTheme}
          data-testid="theme"
        />
      </div>
    </header>
  );
}

function Places({ place }: { place: Place }) {
  const hasRun = useRun((state) => state.phase !== null || state.opened !== null);
  const hasResult = useRun((state) => state.result !== null);
  // A labelled table of an earlier visit lies there too.
  const hasTable = useLabelling().kept !== null;
  return (
    <nav className="places" aria-label="Places">
      <PlaceLink to="prepare" label="Prepare" isHere={place === 'prepare'} isOpen />
      <PlaceLink to="run" label="Run" isHere={place === 'run'} isOpen={hasRun}>
        <RunShare />
      </PlaceLink>
      <PlaceLink to="results" label="Results" isHere={place === 'results'} isOpen={hasResult || hasTable} />
      <PlaceLink to="runs" label="Runs" isHere={place === 'runs'} isOpen>
        <RunCount />
      </PlaceLink>
    </nav>
  );
}

interface PlaceLinkProps {
  to: Place;
  label: string;
  isHere: boolean;
  /** False while there is nothing to see there. */
  isOpen: boolean;
  children?: ReactNode;
}

function PlaceLink({ to, label, isHere, isOpen, children }: PlaceLinkProps) {
  if (!isOpen && !isHere) {
    return (
      <a aria-disabled="true" role="link">
        {label}
      </a>
    );
  }
  return (
    <a href={`#${to}`} aria-current={isHere ? 'page' : undefined}>
      {label}
      {children}
    </a>
  );
}

/** How many runs are kept. */
function RunCount() {
  const count = useKeptRuns((state) => state.kept?.runs.length ?? 0);
  return count === 0 ? null : <small>{count}</small>;
}

/** How far the run under way is. */
function RunShare() {
  const share = useRun((state) =>
    isRunning(state) && state.progress ? Math.floor((100 * state.progress.step) / Math.max(1, state.progress.totalSteps)) : null,
  );
  const isWaiting = useRun((state) => state.phase === 'waiting-for-device');
  if (isWaiting) return <small>waiting</small>;
  return share === null ? null : <small className="is-tuned">{`${share}\u00a0%`}</small>;
}

/** A tuning fork with a small weight on one tine: the fork is the base model, the weight the adapter. */
function Mark() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path className="fork" d="M4 1v5.5a4 4 0 0 0 8 0V4M8 10.5V15" strokeWidth="2" strokeLinecap="round" />
      <circle className="weight" cx="12" cy="3.4" r="3" />
    </svg>
  );
}
