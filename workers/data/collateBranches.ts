import { targetTables, type TargetTables } from './targets';

/** A beginning and what may follow it. */
export interface BranchedText {
  prefix: ArrayLike<number>;
  /** Each of one token at least. */
  branches: readonly ArrayLike<number>[];
}

/** As `TargetBatch`: every token of every branch is predicted. */
export interface BranchedBatch extends TargetTables {
  tokens: number;
  sequences: number;
  targets: number;
  inputIds: Int32Array;
  positions: Int32Array;
  segmentOffsets: Int32Array;
  rowSegments: Int32Array;
  /** `(tokens, 2)`: the row at which the sequence's beginning ends, and that at which the row's own branch starts; of a beginning's rows their sequence's first. */
  rowBranches: Int32Array;
  pooledRows: Int32Array;
  labels: Int32Array;
}

/** What a text takes in a batch. */
export function branchedCounts({ prefix, branches }: BranchedText): { tokens: number; targets: number } {
  const targets = branches.reduce((sum, branch) => sum + branch.length, 0);
  return { tokens: prefix.length - 1 + targets, targets };
}

/**
 * Packs texts: first what all branches share but its last token, then each branch, which begins with that last token and lacks its
 * own: so a row predicts one token alone. Positions go on from the beginning's in every branch. Throws a RangeError for an
 * empty beginning or branch.
 */
export function collateBranches(texts: readonly BranchedText[]): BranchedBatch {
  const counts = texts.map(branchedCounts);
  const tokens = counts.reduce((sum, count) => sum + count.tokens, 0);
  const targets = counts.reduce((sum, count) => sum + count.targets, 0);
  const batch = {
    tokens,
    sequences: texts.length,
    targets,
    inputIds: new Int32Array(tokens),
    positions: new Int32Array(tokens),
    segmentOffsets: new Int32Array(texts.length + 1),
    rowSegments: new Int32Array(tokens),
    rowBranches: new Int32Array(2 * tokens),
    pooledRows: new Int32Array(targets),
    labels: new Int32Array(targets),
  };
  const writer = new Writer(batch);
  texts.forEach((text, sequence) => {
    if (text.prefix.length === 0 || text.branches.some(({ length }) => length === 0)) {
      throw new RangeError(`Text ${sequence} has an empty beginning or an empty branch.`);
    }
    writer.text(text, sequence);
  });
  return { ...batch, ...targetTables(batch.segmentOffsets, batch.pooledRows) };
}

class Writer {
  private readonly batch: Omit<BranchedBatch, keyof TargetTables>;
  private row = 0;
  private target = 0;

  constructor(batch: Omit<BranchedBatch, keyof TargetTables>) {
    this.batch = batch;
  }

  text({ prefix, branches }: BranchedText, sequence: number): void {
    const shared = prefix.length - 1;
    const prefixEnd = this.row + shared;
    const first = this.row;
    for (let at = 0; at < shared; at++) this.add(prefix[at]!, at, sequence, [prefixEnd, first]);
    for (const branch of branches) {
      const start = this.row;
      for (let at = 0; at < branch.length; at++) {
        this.batch.pooledRows[this.target] = this.row;
        this.batch.labels[this.target++] = branch[at]!;
        this.add(at === 0 ? prefix[shared]! : branch[at - 1]!, shared + at, sequence, [prefixEnd, start]);
      }
    }
    this.batch.segmentOffsets[sequence + 1] = this.row;
  }

  private add(id: number, position: number, sequence: number, branch: readonly [number, number]): void {
    const { inputIds, positions, rowSegments, rowBranches } = this.batch;
    inputIds[this.row] = id;
    positions[this.row] = position;
    rowSegments[this.row] = sequence;
    rowBranches.set(branch, 2 * this.row);
    this.row += 1;
  }
}
