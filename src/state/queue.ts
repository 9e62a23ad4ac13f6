let last: Promise<unknown> = Promise.resolve();

/**
 * Runs one task after the other, in the order they came: the worker answers one question about its data at a time.
 * Rejects as the task does; a rejected task does not hold up the next.
 */
export function inOrder<Result>(task: () => Promise<Result>): Promise<Result> {
  const result = last.then(task, task);
  last = result.catch(() => undefined);
  return result;
}
