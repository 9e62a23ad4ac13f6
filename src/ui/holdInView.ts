const longestMs = 2000;

/** Holds an element in the middle of the window while what stands above it is still being drawn: for two seconds, or until the reader acts. */
export function holdInView(element: Element): void {
  const show = () => element.scrollIntoView({ block: 'center' });
  const observer = new ResizeObserver(show);
  const acts = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;
  const stop = () => {
    observer.disconnect();
    clearTimeout(timer);
    for (const act of acts) removeEventListener(act, stop);
  };
  const timer = setTimeout(stop, longestMs);
  for (const act of acts) addEventListener(act, stop, { passive: true });
  show();
  observer.observe(document.body);
}
