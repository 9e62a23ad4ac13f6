/**
 * Holds a lock of this name as long as the worker lives. The browser lets go of it when the worker ends, however it ends, so whoever
 * waits for the lock hears of it at once, and never of a worker that is only busy.
 */
export function giveLifeSign(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, () => {
      resolve();
      return new Promise<never>(() => undefined);
    });
    held.catch(reject);
  });
}
