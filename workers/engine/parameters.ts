/** One trainable tensor, or some whole rows of one, in the flat parameter buffer. */
export interface ParameterSlice {
  /** Adapter file's name, e.g. `base_model.model.transformer.h.0.attn.c_attn.lora_A.weight`. */
  tensor: string;
  /** First row of the tensor that this slice holds. */
  rowStart: number;
  /** `(rows, columns)` of this slice. */
  shape: readonly [number, number];
  /** In floats; slices begin at multiples of 64 floats, a storage binding's 256 bytes. */
  offset: number;
}

const alignmentFloats = 64;

/** Whether slices of so many numbers lie end to end without a gap, so that they can be read as one. */
export function fillsSlices(count: number): boolean {
  return count % alignmentFloats === 0;
}

/** Places every trainable number in one flat buffer. Graphs of one run share it, so they agree on the places. */
export class ParameterLayout {
  readonly slices: ParameterSlice[] = [];
  /** Floats, gaps included; the gaps stay zero. */
  size = 0;
  /** Floats at the beginning that weight decay leaves alone. */
  undecayed = 0;

  /** Places a tensor that weight decay leaves alone; all of them before any other. */
  placeUndecayed(tensor: string, shape: readonly [number, number]): void {
    if (this.size !== this.undecayed) throw new Error(`${tensor} has no weight decay and must be placed before what has.`);
    this.slice(tensor, shape);
    this.undecayed = this.size;
  }

  /** The slice for these rows, placed at first asking. Rows that were placed as several slices are one where those lie end to end. */
  slice(tensor: string, shape: readonly [number, number], rowStart = 0): ParameterSlice {
    const known = this.slices.find((slice) => slice.tensor === tensor && slice.rowStart === rowStart);
    if (known) {
      if (known.shape[1] === shape[1] && this.reaches(known, shape[0])) return { ...known, shape };
      throw new Error(`${tensor} was placed as (${known.shape}) and is now asked for as (${shape}).`);
    }
    const slice = { tensor, rowStart, shape, offset: this.size };
    this.slices.push(slice);
    this.size += Math.ceil((shape[0] * shape[1]) / alignmentFloats) * alignmentFloats;
    return slice;
  }

  /** Whether so many rows from the slice's first on are it and the slices that follow it without a gap. */
  private reaches({ tensor, rowStart, shape, offset }: ParameterSlice, rows: number): boolean {
    if (rows <= shape[0]) return rows === shape[0];
    const next = this.slices.find((slice) => slice.tensor === tensor && slice.rowStart === rowStart + shape[0]);
    if (next?.offset !== offset + shape[0] * shape[1]) return false;
    return this.reaches(next, rows - shape[0]);
  }

  /** Numbers that are trained: no gaps. */
  get count(): number {
    return this.slices.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  }

  /** Every tensor's shape, in order of first placing. */
  tensors(): Map<string, [number, number]> {
    const shapes = new Map<string, [number, number]>();
    for (const { tensor, shape, rowStart } of this.slices) {
      const rows = Math.max(shapes.get(tensor)?.[0] ?? 0, rowStart + shape[0]);
      shapes.set(tensor, [rows, shape[1]]);
    }
    return shapes;
  }

  /** Flat buffer to tensors. */
  unpack(flat: Float32Array): Map<string, Float32Array> {
    const tensors = new Map<string, Float32Array>();
    for (const [name, [rows, columns]] of this.tensors()) tensors.set(name, new Float32Array(rows * columns));
    for (const { tensor, rowStart, shape, offset } of this.slices) {
      tensors.get(tensor)?.set(flat.subarray(offset, offset + shape[0] * shape[1]), rowStart * shape[1]);
    }
    return tensors;
  }

  /** Tensors to a flat buffer. Throws when one is missing or has the wrong size. */
  pack(tensors: ReadonlyMap<string, Float32Array>): Float32Array {
    const flat = new Float32Array(this.size);
    for (const [name, [rows, columns]] of this.tensors()) {
      const length = tensors.get(name)?.length;
      if (length !== rows * columns) throw new Error(`${name} has ${length ?? 'no'} numbers; (${rows}, ${columns}) is needed.`);
    }
    for (const { tensor, rowStart, shape, offset } of this.slices) {
      const begin = rowStart * shape[1];
      flat.set(tensors.get(tensor)?.subarray(begin, begin + shape[0] * shape[1]) ?? [], offset);
    }
    return flat;
  }
}
