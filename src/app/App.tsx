import { MantineProvider } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useRun, useSession, usePlace, useTheme } from '../state/hooks';
import type { Place } from '../state/place';
import { theme } from '../ui/theme/theme';
import './App.css';
import { Bar } from './Bar';
import { Prepare } from './places/Prepare';
import { Results } from './places/Results';
import { Run } from './places/Run';
import { Runs } from './places/Runs';

const titles: Record<Place, string> = { prepare: 'Prepare', run: 'Run', results: 'Results', runs: 'Runs' };

export function App() {
  const { scheme } = useTheme();
  const { place } = usePlace();
  const phase = useRun((state) => state.phase);
  useEffect(() => {
    document.title = `${titles[place]} · Tunelet`;
  }, [place]);
  useFocusOnMove(place);
  useEffect(() => {
    document.body.dataset['phase'] = phase ?? 'idle';
  }, [phase]);
  useEffect(guardAgainstStrayDrops, []);
  return (
    <MantineProvider theme={theme} withCssVariables={false} withGlobalClasses={false} forceColorScheme={scheme}>
      <button type="button" className="skip" onClick={focusMain}>
        Skip to the content
      </button>
      <Bar place={place} />
      {place === 'prepare' && <Prepare />}
      {place === 'run' && <Run />}
      {place === 'results' && <Results />}
      {place === 'runs' && <Runs />}
      <LiveRegion />
    </MantineProvider>
  );
}

/** Says changes of state to screen readers. */
function LiveRegion() {
  const announcement = useSession((state) => state.announcement);
  return (
    <div className="sr" role="status" aria-live="polite" data-testid="announcement">
      {announcement}
    </div>
  );
}

/** What was pressed to come here is gone, so reading and tabbing go on at the top of the new place. */
function useFocusOnMove(place: Place): void {
  const before = useRef(place);
  // Before the effects by which a part of the place brings itself into view.
  useLayoutEffect(() => {
    if (before.current === place) return;
    before.current = place;
    scrollTo(0, 0);
    focusMain();
  }, [place]);
}

function focusMain(): void {
  const main = document.querySelector('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus({ preventScroll: true });
}

/** A file dropped beside its zone would replace the page, and with it the run. */
function guardAgainstStrayDrops(): () => void {
  const prevent = (event: DragEvent) => event.preventDefault();
  addEventListener('dragover', prevent);
  addEventListener('drop', prevent);
  return () => {
    removeEventListener('dragover', prevent);
    removeEventListener('drop', prevent);
  };
}
