import type { Graph, Value } from './graph';
import { elementCount, type Counts } from './shape';

export interface Place {
  arena: number;
  offsetBytes: number;
  sizeBytes: number;
}

export interface MemoryPlan {
  /** Size of each arena. */
  arenaBytes: number[];
  /** By value id; every intermediate value of the graph. */
  places: Map<number, Place>;
}

const alignmentBytes = 256;

interface Lifetime {
  value: Value;
  sizeBytes: number;
  /** Node index that makes it, and the last that uses it. */
  first: number;
  last: number;
}

/**
 * Places every intermediate value, and what room nodes work in, in arenas so that values whose lifetimes overlap never share bytes. Greedy by size
 * (largest first, lowest free offset): Pisarchyk & Lee 2020, "Efficient memory management for deep neural net inference".
 */
export function planMemory(graph: Graph, capacity: Counts, maxArenaBytes: number): MemoryPlan {
  const lifetimes = lifetimesOf(graph, capacity).sort((a, b) => b.sizeBytes - a.sizeBytes || a.first - b.first);
  const arenas: { lifetime: Lifetime; offsetBytes: number }[][] = [];
  const places = new Map<number, Place>();
  for (const lifetime of lifetimes) {
    if (lifetime.sizeBytes > maxArenaBytes) {
      throw new RangeError(
        `${lifetime.value.label} needs ${lifetime.sizeBytes} bytes; one buffer of this device holds ${maxArenaBytes}.`,
      );
    }
    let arena = 0;
    let offsetBytes = lowestFreeOffset((arenas[0] ??= []), lifetime);
    while (offsetBytes + lifetime.sizeBytes > maxArenaBytes) {
      arena += 1;
      offsetBytes = lowestFreeOffset((arenas[arena] ??= []), lifetime);
    }
    arenas[arena]?.push({ lifetime, offsetBytes });
    places.set(lifetime.value.id, { arena, offsetBytes, sizeBytes: lifetime.sizeBytes });
  }
  const arenaBytes = arenas.map((placed) => Math.max(0, ...placed.map((entry) => entry.offsetBytes + entry.lifetime.sizeBytes)));
  return { arenaBytes: arenaBytes.filter((bytes) => bytes > 0), places };
}

/** Index of the last node that uses each intermediate value; outputs of the graph last to its end. */
export function lastUses(graph: Graph): Map<number, number> {
  const last = new Map<number, number>();
  graph.nodes.forEach((node, index) => {
    for (const value of [...node.inputs, ...node.outputs]) if (value?.role.kind === 'intermediate') last.set(value.id, index);
  });
  for (const value of graph.outputs.values()) if (value.role.kind === 'intermediate') last.set(value.id, graph.nodes.length);
  return last;
}

function lifetimesOf(graph: Graph, capacity: Counts): Lifetime[] {
  const last = lastUses(graph);
  const lifetimes: Lifetime[] = [];
  graph.nodes.forEach((node, first) => {
    for (const value of [...node.outputs, ...(node.scratch ?? [])]) {
      if (value.role.kind !== 'intermediate') continue;
      const bytes = elementCount(value.shape, capacity) * (value.type === 'f16' ? 2 : 4);
      const sizeBytes = Math.max(1, Math.ceil(bytes / alignmentBytes)) * alignmentBytes;
      lifetimes.push({ value, sizeBytes, first, last: last.get(value.id) ?? first });
    }
  });
  return lifetimes;
}

function lowestFreeOffset(placed: readonly { lifetime: Lifetime; offsetBytes: number }[], wanted: Lifetime): number {
  const neighbours = placed
    .filter(({ lifetime }) => lifetime.first <= wanted.last && wanted.first <= lifetime.last)
    .sort((a, b) => a.offsetBytes - b.offsetBytes);
  let offset = 0;
  for (const { lifetime, offsetBytes } of neighbours) {
    if (offset + wanted.sizeBytes <= offsetBytes) break;
    offset = Math.max(offset, offsetBytes + lifetime.sizeBytes);
  }
  return offset;
}
