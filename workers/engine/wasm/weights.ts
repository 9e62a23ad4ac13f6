import type { WeightRows } from '../executor';
import type { Graph, Value } from '../graph';
import { WeightRegister, type ArrivingWeight } from '../weightRows';
import type { Heap } from './heap';
import type { WasmTable } from './kernel';
import { packPanels, panelBytes, panelCount, unpackPanels } from './panels';
import type { Threads } from './threads';

/** Where one weight lies: as it came, and packed as the second operand of a product. */
interface Places {
  plain: number | null;
  /** The matrix itself, for the forward pass. */
  forward: number | null;
  /** Its transpose, for the backward pass. */
  transposed: number | null;
}

/**
 * The frozen weights in float32. A matrix that is only multiplied is held in packed form alone: once for forward products,
 * and once more for backward ones where a graph has any.
 */
export class WasmWeights {
  private readonly heap: Heap;
  private readonly threads: Threads;
  private readonly register = new WeightRegister();
  private readonly places = new Map<ArrivingWeight, Places>();

  constructor(heap: Heap, threads: Threads) {
    this.heap = heap;
    this.threads = threads;
  }

  get bytes(): number {
    const addresses = [...this.places.values()].flatMap((places) => [places.plain, places.forward, places.transposed]);
    return addresses.reduce<number>((sum, address) => sum + (address === null ? 0 : this.heap.sizeOf(address)), 0);
  }

  allocate(values: readonly Value[]): void {
    for (const weight of this.register.allocate(values)) {
      this.places.set(weight, { plain: this.heap.allocate(4 * sizeOf(weight)), forward: null, transposed: null });
    }
  }

  /** Rows of a tensor that was not allocated are ignored. Throws a RangeError where rows lie outside of theirs. */
  write(rows: WeightRows): void {
    this.register.write(rows, (weight) => this.heap.floats(this.placesOf(weight).plain ?? 0, sizeOf(weight)));
  }

  requireComplete(): void {
    this.register.requireComplete();
  }

  /** Gives every weight of the graph the forms in which its ops ask for it, and drops the plain form where none does. */
  arrange(graph: Graph, ops: WasmTable): void {
    const wanted = new Map<Value, Set<'plain' | 'forward' | 'transposed'>>();
    for (const node of graph.nodes) {
      const pack = ops[node.op]?.packs?.(node.attributes as never);
      node.inputs.forEach((value, index) => {
        if (value?.role.kind !== 'weight') return;
        const forms = wanted.get(value) ?? new Set();
        forms.add(pack?.input !== index ? 'plain' : pack.transposed ? 'transposed' : 'forward');
        wanted.set(value, forms);
      });
    }
    for (const [value, forms] of wanted) {
      if (forms.has('forward')) this.packed(value, false);
      if (forms.has('transposed')) this.packed(value, true);
      if (forms.has('plain')) this.plain(value);
      else this.dropPlain(value);
    }
  }

  /** Throws where the weight was not allocated or is not complete. */
  plain(value: Value): number {
    const weight = this.register.complete(value);
    const places = this.placesOf(weight);
    return (places.plain ??= this.unpack(weight, places));
  }

  packed(value: Value, transposed: boolean): number {
    const places = this.placesOf(this.register.complete(value));
    const known = transposed ? places.transposed : places.forward;
    if (known !== null) return known;
    const made = this.pack(value, transposed);
    if (transposed) places.transposed = made;
    else places.forward = made;
    return made;
  }

  dispose(): void {
    for (const { plain, forward, transposed } of this.places.values()) {
      for (const address of [plain, forward, transposed]) if (address !== null) this.heap.release(address);
    }
    this.places.clear();
    this.register.clear();
  }

  private dropPlain(value: Value): void {
    const places = this.placesOf(this.register.complete(value));
    if (places.plain !== null) this.heap.release(places.plain);
    places.plain = null;
  }

  private pack(value: Value, transposed: boolean): number {
    const source = this.plain(value);
    const [rows, columns] = matrixOf(this.register.complete(value));
    const [inner, outer] = transposed ? [columns, rows] : [rows, columns];
    const target = this.heap.allocate(panelBytes(inner, outer));
    const [rowBytes, columnBytes] = transposed ? [4, 4 * columns] : [4 * columns, 4];
    const shape = { rowBytes, columnBytes, inner, columns: outer };
    this.threads.call(packPanels, panelCount(outer), { source, target, scale: 1, ...shape });
    return target;
  }

  private unpack(weight: ArrivingWeight, { forward, transposed }: Places): number {
    const [rows, columns] = matrixOf(weight);
    const target = this.heap.allocate(4 * rows * columns);
    if (forward !== null) {
      const shape = { rowBytes: 4 * columns, columnBytes: 4, inner: rows, columns };
      this.threads.call(unpackPanels, panelCount(columns), { source: forward, target, ...shape });
    } else if (transposed !== null) {
      const shape = { rowBytes: 4, columnBytes: 4 * columns, inner: columns, columns: rows };
      this.threads.call(unpackPanels, panelCount(rows), { source: transposed, target, ...shape });
    } else throw new Error(`${weight.label} is nowhere.`);
    return target;
  }

  private placesOf(weight: ArrivingWeight): Places {
    const places = this.places.get(weight);
    if (!places) throw new Error(`${weight.label} has no place.`);
    return places;
  }
}

function sizeOf({ shape }: ArrivingWeight): number {
  return shape.reduce((product, size) => product * size, 1);
}

function matrixOf({ shape, label }: ArrivingWeight): [rows: number, columns: number] {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined) throw new Error(`${label} is no matrix, and cannot be multiplied by.`);
  return [rows, columns];
}
