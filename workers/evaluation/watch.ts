/** Asked between batches: true to go on, false to end early. Holds while a run is paused. */
export type Proceed = () => boolean | Promise<boolean>;

/** Who looks on while texts are judged or answered. */
export interface Watch {
  readonly proceed: Proceed;
  /** So many more texts are done. */
  done(count: number): void;
}

/** Goes on to the end and tells nobody. */
export const unwatched: Watch = { proceed: () => true, done: () => {} };
