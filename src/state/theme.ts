import { createStore } from 'zustand/vanilla';
import { recall, remember } from './remembered';

export type Scheme = 'light' | 'dark';

export interface ThemeState {
  scheme: Scheme;
  /** False while the scheme follows the system's. */
  chosen: boolean;
}

const storageKey = 'tunelet-theme';

export const themeStore = createStore<ThemeState>(() => ({ scheme: 'light', chosen: false }));

/** The other scheme, remembered on this device. */
export function toggleTheme(): void {
  const scheme = themeStore.getState().scheme === 'dark' ? 'light' : 'dark';
  themeStore.setState({ scheme, chosen: true });
  remember(storageKey, scheme);
}

/** Takes the remembered scheme, else the system's and its changes; returns the way to stop. */
export function followTheme(): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const remembered = rememberedScheme();
  themeStore.setState({ scheme: remembered ?? (query.matches ? 'dark' : 'light'), chosen: remembered !== null });
  const apply = () => {
    document.documentElement.dataset['theme'] = themeStore.getState().scheme;
  };
  const onSystem = () => {
    if (!themeStore.getState().chosen) themeStore.setState({ scheme: query.matches ? 'dark' : 'light' });
  };
  apply();
  query.addEventListener('change', onSystem);
  const stop = themeStore.subscribe(apply);
  return () => {
    query.removeEventListener('change', onSystem);
    stop();
  };
}

function rememberedScheme(): Scheme | null {
  const kept = recall(storageKey);
  return kept === 'light' || kept === 'dark' ? kept : null;
}
