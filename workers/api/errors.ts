/** Every error a user can meet has a code that never changes, so that pages, tests and scripts can recognise it. */
export type ErrorCode =
  | 'data/empty-file'
  | 'data/no-rows'
  | 'data/no-columns'
  | 'data/missing-column'
  | 'data/no-label-column'
  | 'data/one-class'
  | 'data/too-many-classes'
  | 'data/too-few-rows'
  | 'data/unbalanced-quotes'
  | 'data/record-too-long'
  | 'data/nul-byte'
  | 'data/not-utf8'
  | 'data/unknown-label'
  | 'data/float-labels'
  | 'data/unsupported-format'
  | 'data/bad-archive'
  | 'data/damaged-file'
  | 'data/bad-parquet'
  | 'data/bad-json'
  | 'data/too-large'
  | 'data/too-many-columns'
  | 'data/cancelled'
  | 'data/bad-slice'
  | 'data/unreadable'
  | 'data/kept-damaged'
  | 'data/kept-version'
  | 'model/missing-file'
  | 'model/bad-config'
  | 'model/unsupported'
  | 'model/bad-safetensors'
  | 'model/bad-gguf'
  | 'model/missing-tensor'
  | 'model/wrong-shape'
  | 'model/bad-tokenizer'
  | 'model/too-large'
  | 'hub/offline'
  | 'hub/not-found'
  | 'hub/forbidden'
  | 'hub/busy'
  | 'hub/bad-response'
  | 'hub/corrupted'
  | 'hub/cancelled'
  | 'hub/too-large'
  | 'storage/quota'
  | 'storage/busy'
  | 'storage/unavailable'
  | 'adapter/bad-archive'
  | 'adapter/missing-file'
  | 'adapter/unsupported'
  | 'adapter/does-not-fit'
  | 'settings/invalid'
  | 'device/unavailable'
  | 'device/lost'
  | 'device/out-of-memory'
  | 'device/disproved'
  | 'run/not-ready'
  | 'run/diverged'
  | 'run/stopped'
  | 'run/too-much-memory'
  | 'checkpoint/damaged'
  | 'checkpoint/version'
  | 'checkpoint/none'
  | 'checkpoint/other-data'
  | 'checkpoint/other-model'
  | 'runs/damaged'
  | 'runs/newer-version'
  | 'runs/not-found'
  | 'session/busy'
  | 'session/worker-lost'
  | 'session/elsewhere'
  | 'export/cancelled'
  | 'export/unsupported'
  | 'page/part-missing'
  | 'internal';

/** Crosses the worker boundary as plain data; see `workers/api/transfer.ts` and `src/client`. */
export interface ErrorReport {
  code: ErrorCode;
  /** What was being done and what happened, with the values met. */
  message: string;
  /** What the user can do now. */
  remedy: string;
  /** Values for tests and for the page: line numbers, names, excerpts. */
  details: Record<string, string | number | boolean>;
}

/** Says what was being done, the values met, the rule and the remedy. */
export class TuneletError extends Error {
  override readonly name = 'TuneletError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly details: ErrorReport['details'];

  constructor(code: ErrorCode, message: string, remedy: string, details: ErrorReport['details'] = {}) {
    super(message);
    this.code = code;
    this.remedy = remedy;
    this.details = details;
  }
}

/** How Chrome, Firefox and Safari say that a dynamic import did not arrive. */
const unloadedPart = /dynamically imported module|Importing a module script failed/i;

/** Turns anything thrown into a report; what is not a TuneletError is an internal fault and keeps its message. */
export function reportOf(thrown: unknown): ErrorReport {
  if (thrown instanceof TuneletError) {
    return { code: thrown.code, message: thrown.message, remedy: thrown.remedy, details: thrown.details };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (unloadedPart.test(message)) {
    return {
      code: 'page/part-missing',
      message: 'A part of this page that is loaded when it is first needed could not be loaded.',
      remedy: 'Check the connection and try again: what you have here stays. If the page was updated meanwhile, reload it.',
      details: { cause: message },
    };
  }
  return {
    code: 'internal',
    message: `Something went wrong inside Tunelet: ${message}`,
    remedy: 'Reload the page and try again. If it happens again, please report it with these words.',
    details: {},
  };
}

export function errorFromReport(report: ErrorReport): TuneletError {
  return new TuneletError(report.code, report.message, report.remedy, report.details);
}
