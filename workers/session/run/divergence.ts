import { TuneletError } from '../../api/errors';

/** Whether the loss or the gradients of a run are no numbers any more. */
export function isDiverged(thrown: unknown): thrown is TuneletError {
  return thrown instanceof TuneletError && thrown.code === 'run/diverged';
}

/** "The loss went from 0.48 to NaN at step 412": which step it was is in the words. */
function happened({ details, message }: TuneletError): string {
  return typeof details['happened'] === 'string' ? details['happened'] : message;
}

/** What is done the first time. */
export function halvedRate(error: TuneletError, step: number, learningRate: number): string {
  const rate = (learningRate / 2).toExponential(2).replace(/\.?0+e/, 'e');
  return `${happened(error)}. Went back to step ${step} and halved the learning rate to ${rate}. If it happens again the run stops and keeps what it learnt up to step ${step}.`;
}

/** What is done the second time, and what to do next. */
export function divergedAdvice(error: TuneletError, step: number): string {
  return `${happened(error)}, with half the learning rate too. The run stops and keeps what it learnt up to step ${step}. ${error.remedy}`;
}
