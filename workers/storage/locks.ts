/** The browser's Web Locks; null in Node.js and where the page is not secure. */
export function webLocks(): LockManager | null {
  return 'navigator' in globalThis && 'locks' in navigator ? navigator.locks : null;
}
