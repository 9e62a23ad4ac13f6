import { transferHandlers, type TransferHandler } from 'comlink';
import { errorFromReport, reportOf, type ErrorReport } from './errors';

let installed = false;

/**
 * Makes errors cross the worker boundary as `ErrorReport`: Comlink's own handler keeps only name, message and stack.
 * Both sides call it before they wrap or expose anything; calling it again changes nothing.
 */
export function installErrorTransfer(): void {
  if (installed) return;
  installed = true;
  const original = transferHandlers.get('throw');
  if (!original) throw new Error('Comlink has no handler named "throw"; its version does not fit.');
  const handler: TransferHandler<{ value: unknown }, ErrorReport> = {
    // Comlink marks what was thrown with a symbol of its own, which only its own test can see.
    canHandle: (value): value is { value: unknown } => original.canHandle(value),
    serialize: (thrown) => [reportOf(thrown.value), []],
    deserialize: (report) => {
      throw errorFromReport(report);
    },
  };
  transferHandlers.set('throw', handler);
}
