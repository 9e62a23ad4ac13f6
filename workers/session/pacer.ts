/** News at most so often that the page can draw it: true when some is due. */
export function pacer(everyMs = 50): () => boolean {
  let saidMs = -Infinity;
  return () => {
    if (performance.now() - saidMs < everyMs) return false;
    saidMs = performance.now();
    return true;
  };
}
