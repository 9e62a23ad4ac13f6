import { dequantise, type QuantisedRows } from '../engine/quantisedBlocks';

/** The numbers of rows in blocks, as the engine reads them. */
export function unpackBlocks(rows: QuantisedRows): Float32Array<ArrayBuffer> {
  return dequantise(rows);
}
