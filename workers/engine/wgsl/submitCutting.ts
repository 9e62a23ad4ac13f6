/** What cutting needs to know of one dispatch. */
export interface DispatchWork {
  /** Estimated multiply-adds. */
  work: number;
  gridY: number;
  splittable: boolean;
}

/** Rows `originY` to `originY + countY` of a dispatch's workgroups; `slot` names the origin in the table of origins. */
export interface Piece {
  dispatch: number;
  originY: number;
  countY: number;
  slot: number;
  work: number;
}

/** A dispatch is cut into at most so many pieces, so that a small table holds every origin there can be. */
const piecesPerDispatch = 64;
const levels = 11;

/** Origin of every slot: multiples of 2^level below 64 * 2^level, for each level up to WebGPU's 65,535 workgroups. */
export const tileOrigins: readonly number[] = Array.from(
  { length: levels * piecesPerDispatch },
  (_, slot) => (slot % piecesPerDispatch) * 2 ** Math.floor(slot / piecesPerDispatch),
);

/** Walks through a list of dispatches, in order, and hands out what fits one submit; a dispatch that is larger alone is cut along y. */
export class Cutter {
  private readonly dispatches: readonly DispatchWork[];
  private index = 0;
  private originY = 0;

  constructor(dispatches: readonly DispatchWork[]) {
    this.dispatches = dispatches;
  }

  get done(): boolean {
    return this.index >= this.dispatches.length;
  }

  /** The next submit, of about `budget` work; never empty while there is something left. */
  next(budget: number): Piece[] {
    const pieces: Piece[] = [];
    let left = budget;
    for (let dispatch = this.dispatches[this.index]; dispatch; dispatch = this.dispatches[this.index]) {
      const rows = this.rowsThatFit(dispatch, left, budget, pieces.length === 0);
      if (rows === 0) break;
      left -= (dispatch.work / dispatch.gridY) * rows;
      pieces.push(this.take(dispatch, rows));
    }
    return pieces;
  }

  private rowsThatFit({ work, gridY, splittable }: DispatchWork, left: number, budget: number, isFirst: boolean): number {
    const rest = gridY - this.originY;
    const workPerRow = work / gridY;
    if (workPerRow * rest <= left) return rest;
    // What fits a submit of its own is not cut.
    if (!splittable || workPerRow * rest <= budget) return isFirst ? rest : 0;
    const unit = originUnit(gridY);
    const rows = Math.max(0, Math.floor(left / workPerRow / unit)) * unit;
    return Math.min(rest, isFirst ? Math.max(unit, rows) : rows);
  }

  private take({ work, gridY }: DispatchWork, countY: number): Piece {
    const unit = originUnit(gridY);
    const slot = this.originY === 0 ? 0 : Math.log2(unit) * piecesPerDispatch + this.originY / unit;
    const piece = { dispatch: this.index, originY: this.originY, countY, slot, work: (work * countY) / gridY };
    this.originY += countY;
    if (this.originY >= gridY) {
      this.index += 1;
      this.originY = 0;
    }
    return piece;
  }
}

/** Pieces begin at multiples of this power of two. */
function originUnit(gridY: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(gridY / piecesPerDispatch)));
}

/** A submit's fixed cost for each dispatch, in multiply-adds: small kernels are not free. */
export const workPerDispatch = 20_000;

/** The first submit on a device whose speed is unknown: 50 ms at one GFLOP/s. */
const firstWork = 25e6;
const growth = 8;

/**
 * How much work one submit may hold, from measured time. A long submit freezes the page's drawing, and Windows resets a
 * GPU after 2 s, so an unknown device is first asked for little and then for more.
 */
export class Pace {
  private readonly maxSubmitMs: number;
  private msPerWork: number | null;
  private lastWork = 0;

  /** `msPerWork`: what another program measured on this device, or null. */
  constructor(maxSubmitMs: number, msPerWork: number | null) {
    this.maxSubmitMs = maxSubmitMs;
    this.msPerWork = msPerWork;
  }

  /** True until something was measured; then each submit must be awaited and noted before the next. */
  get isUnknown(): boolean {
    return this.msPerWork === null && this.maxSubmitMs !== Infinity;
  }

  get rate(): number | null {
    return this.msPerWork;
  }

  /** Work for each submit of a step that takes `totalWork` in all; Infinity: one submit. */
  workPerSubmit(totalWork: number): number {
    if (this.maxSubmitMs === Infinity) return Infinity;
    if (this.msPerWork === null) return firstWork;
    if (totalWork * this.msPerWork <= this.maxSubmitMs) return Infinity;
    return (0.8 * this.maxSubmitMs) / this.msPerWork;
  }

  /** While calibrating: work for the next submit of the same step. */
  nextWork(): number {
    const allowed = this.msPerWork === null ? firstWork : (0.8 * this.maxSubmitMs) / this.msPerWork;
    return Math.min(allowed, Math.max(firstWork, this.lastWork * growth));
  }

  note(work: number, elapsedMs: number): void {
    if (!(work > 0) || !(elapsedMs > 0)) return;
    const measured = elapsedMs / work;
    this.lastWork = work;
    this.msPerWork = this.msPerWork === null ? measured : (this.msPerWork + measured) / 2;
  }
}
