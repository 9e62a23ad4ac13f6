import { createStore } from 'zustand/vanilla';

export const places = ['prepare', 'run', 'results', 'runs'] as const;
export type Place = (typeof places)[number];

/** The part of Results that takes a run to a cluster. */
export const clusterPart = 'cluster-of-result';

export interface PlaceState {
  place: Place;
  /** Id of the element that is to be brought into view and focused; null once it has. */
  part: string | null;
}

export const placeStore = createStore<PlaceState>(() => ({ place: 'prepare', part: null }));

/** Shows a place and writes it into the address, so that the browser's Back works. */
export function goTo(place: Place): void {
  placeStore.setState({ place, part: null });
  const hash = `#${place}`;
  if (globalThis.location !== undefined && location.hash !== hash) location.hash = hash;
}

/** Shows a place with one of its parts in view. */
export function goToPart(part: string, place: Place = 'prepare'): void {
  goTo(place);
  placeStore.setState({ part });
}

export function partReached(): void {
  placeStore.setState({ part: null });
}

/** The place that an address' hash names; Prepare where it names none. */
export function placeOf(hash: string): Place {
  return places.find((place) => `#${place}` === hash) ?? 'prepare';
}

/** Follows the address from now on; returns the way to stop. */
export function followAddress(): () => void {
  const read = () => {
    const place = placeOf(location.hash);
    if (place !== placeStore.getState().place) placeStore.setState({ place, part: null });
  };
  read();
  addEventListener('hashchange', read);
  return () => removeEventListener('hashchange', read);
}
