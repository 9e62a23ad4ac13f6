/** How fast training would go, from what was measured on this device. */
export interface PaceEstimate {
  tokensPerSecond: number;
  /**
   * What was measured: a run with settings like these, a trial of a few of its steps, a run of the same model with other settings, or
   * another model, whose pace is scaled by the products of a token.
   */
  basis: 'run' | 'trial' | 'similar-run' | 'other-model';
}
