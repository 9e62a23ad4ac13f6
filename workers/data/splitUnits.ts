import type { SplitName } from '../api/dataset';
import { createRandom, randomStreams, shuffle } from './random';
import { checkShares, type SplitIndices } from './split';

/** Rows that must not be parted: `unitOf[row]` counts from 0 without gaps. */
export interface Units {
  unitOf: Int32Array;
  count: number;
}

/** Rows that share a value of any key are of one unit, and so are rows that others join. A negative value joins nothing. */
export function joinRows(rowCount: number, keys: readonly Int32Array[]): Units {
  const parent = Int32Array.from({ length: rowCount }, (_, row) => row);
  const rootOf = (row: number): number => {
    let root = row;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = row; parent[at] !== root;) [at, parent[at]] = [parent[at]!, root];
    return root;
  };
  for (const key of keys) {
    const firstRow = new Map<number, number>();
    key.forEach((value, row) => {
      if (value < 0) return;
      const first = firstRow.get(value);
      if (first === undefined) firstRow.set(value, row);
      // The earlier root stays, so that units keep the order of their first rows.
      else {
        const [a, b] = [rootOf(first), rootOf(row)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    });
  }
  const unitOf = new Int32Array(rowCount).fill(-1);
  let count = 0;
  for (let row = 0; row < rowCount; row += 1) {
    const root = rootOf(row);
    if (unitOf[root] === -1) unitOf[root] = count++;
    unitOf[row] = unitOf[root]!;
  }
  return { unitOf, count };
}

const splits = ['train', 'validation', 'test'] as const satisfies readonly SplitName[];

/**
 * As `splitByLabel`, but units stay whole. They are dealt out one after the other, the largest first and those of one size in an
 * order that the seed decides, each to the split that then misses its share of the unit's labels by the least. Every label that has
 * a row keeps one for training.
 */
export function splitUnits(
  { classOfRow, classCount, units }: { classOfRow: Int32Array; classCount: number; units: Units },
  options: { seed: number; validationShare: number; testShare: number },
): SplitIndices {
  checkShares(options);
  const members = membersOf(units);
  const totals = countsOf(classOfRow, classCount);
  const shares = [1 - options.validationShare - options.testShare, options.validationShare, options.testShare];
  const filled = shares.map(() => new Float64Array(classCount));
  const splitOfUnit = new Uint8Array(units.count);
  for (const unit of dealingOrder(members, options.seed)) {
    const counts = sparseCounts(members.rowsOf(unit), classOfRow);
    // How much further from (or nearer to) its wanted rows of each label a split would be, squared, in parts of the label's rows.
    const costs = shares.map((share, split) => {
      if (share <= 0) return Infinity;
      let cost = 0;
      for (const [label, rows] of counts) {
        const missing = share * totals[label]! - filled[split]![label]!;
        cost += (rows * (rows - 2 * missing)) / totals[label]!;
      }
      return cost;
    });
    const split = costs.indexOf(Math.min(...costs));
    splitOfUnit[unit] = split;
    for (const [label, rows] of counts) filled[split]![label]! += rows;
  }
  leaveSomeToTrain(members, classOfRow, splitOfUnit, filled[0]!, totals);
  return gatherSplits(units, splitOfUnit);
}

/**
 * So many rows of each label for each split, by the seed; the others are of no split. Of a label with fewer rows each split gets
 * its part of them, and training at least one. A unit goes to the first split that still has room for all of its rows.
 */
export function splitRowsPerClass(
  { classOfRow, classCount, units }: { classOfRow: Int32Array; classCount: number; units: Units },
  { seed, rowsPerClass }: { seed: number; rowsPerClass: Readonly<Record<SplitName, number>> },
): SplitIndices {
  const members = membersOf(units);
  const room = roomPerClass(countsOf(classOfRow, classCount), rowsPerClass);
  const order = shuffle(
    Int32Array.from({ length: units.count }, (_, unit) => unit),
    createRandom(seed, randomStreams.split, classCount),
  );
  const splitOfUnit = new Uint8Array(units.count).fill(unused);
  for (const unit of order) {
    const counts = sparseCounts(members.rowsOf(unit), classOfRow);
    const split = room.findIndex((rooms) => [...counts].every(([label, rows]) => rows <= rooms[label]!));
    if (split < 0) continue;
    splitOfUnit[unit] = split;
    for (const [label, rows] of counts) room[split]![label]! -= rows;
  }
  return gatherSplits(units, splitOfUnit);
}

const unused = 255;

interface Members {
  rowsOf(unit: number): Int32Array;
  count: number;
}

/** The rows of each unit, ascending, as views of one array. */
function membersOf({ unitOf, count }: Units): Members {
  const starts = new Int32Array(count + 1);
  for (const unit of unitOf) starts[unit + 1]! += 1;
  for (let unit = 0; unit < count; unit += 1) starts[unit + 1]! += starts[unit]!;
  const next = starts.slice();
  const rows = new Int32Array(unitOf.length);
  unitOf.forEach((unit, row) => {
    rows[next[unit]!] = row;
    next[unit]! += 1;
  });
  return { rowsOf: (unit) => rows.subarray(starts[unit]!, starts[unit + 1]!), count };
}

function dealingOrder(members: Members, seed: number): Int32Array {
  const order = shuffle(
    Int32Array.from({ length: members.count }, (_, unit) => unit),
    createRandom(seed, randomStreams.split),
  );
  return order.sort((a, b) => members.rowsOf(b).length - members.rowsOf(a).length);
}

function sparseCounts(rows: Int32Array, classOfRow: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(classOfRow[row]!, (counts.get(classOfRow[row]!) ?? 0) + 1);
  return counts;
}

function countsOf(classOfRow: Int32Array, classCount: number): Float64Array {
  const counts = new Float64Array(classCount);
  for (const label of classOfRow) counts[label]! += 1;
  return counts;
}

/** Of each label that training lacks, the smallest unit goes there. */
function leaveSomeToTrain(
  members: Members,
  classOfRow: Int32Array,
  splitOfUnit: Uint8Array,
  trained: Float64Array,
  totals: Float64Array,
): void {
  const lacking = [...totals.keys()].filter((label) => totals[label]! > 0 && trained[label] === 0);
  for (const label of lacking) {
    if (trained[label]! > 0) continue;
    let smallest = -1;
    for (let unit = 0; unit < members.count; unit += 1) {
      const rows = members.rowsOf(unit);
      if (smallest >= 0 && rows.length >= members.rowsOf(smallest).length) continue;
      if (rows.some((row) => classOfRow[row] === label)) smallest = unit;
    }
    splitOfUnit[smallest] = 0;
    for (const row of members.rowsOf(smallest)) trained[classOfRow[row]!]! += 1;
  }
}

/** By split, rows of each label. */
function roomPerClass(totals: Float64Array, wanted: Readonly<Record<SplitName, number>>): Float64Array[] {
  const all = wanted.train + wanted.validation + wanted.test;
  const room = splits.map(() => new Float64Array(totals.length));
  totals.forEach((total, label) => {
    const isEnough = total >= all;
    const part = (count: number): number => (isEnough ? count : Math.floor((total * count) / all));
    const [validation, test] = [part(wanted.validation), part(wanted.test)];
    room[0]![label] = isEnough ? wanted.train : total - validation - test;
    room[1]![label] = validation;
    room[2]![label] = test;
  });
  return room;
}

function gatherSplits({ unitOf }: Units, splitOfUnit: Uint8Array): SplitIndices {
  const sizes = splits.map(() => 0);
  for (const unit of unitOf) if (splitOfUnit[unit] !== unused) sizes[splitOfUnit[unit]!]! += 1;
  const [train = new Int32Array(), validation = new Int32Array(), test = new Int32Array()] = sizes.map(
    (size) => new Int32Array(size),
  );
  const parts = [train, validation, test];
  const places = [0, 0, 0];
  unitOf.forEach((unit, row) => {
    const split = splitOfUnit[unit]!;
    if (split === unused) return;
    parts[split]![places[split]!] = row;
    places[split]! += 1;
  });
  return { train, validation, test };
}
