import { TuneletError } from '../api/errors';

/** The refusal that `action` ends in. Throws where it succeeds, or fails with an error that is not ours. */
export function errorOf(action: () => unknown): TuneletError;
export function errorOf(action: Promise<unknown>): Promise<TuneletError>;
export function errorOf(action: (() => unknown) | Promise<unknown>): TuneletError | Promise<TuneletError> {
  if (action instanceof Promise) return action.then(accepted, refused);
  let value: unknown;
  try {
    value = action();
  } catch (error) {
    return refused(error);
  }
  return accepted(value);
}

function refused(error: unknown): TuneletError {
  if (error instanceof TuneletError) return error;
  throw new Error(`Refused, but with no error of ours: ${String(error)}`, { cause: error });
}

function accepted(value: unknown): never {
  throw new Error('Accepted, where a refusal was expected.', { cause: value });
}
