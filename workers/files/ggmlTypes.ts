/** How numbers of one type are stored: in blocks, each of so many numbers and so many bytes. */
export interface GgmlType {
  name: string;
  blockNumbers: number;
  blockBytes: number;
}

const inBlocks = (name: string, blockNumbers: number, blockBytes: number): GgmlType => ({ name, blockNumbers, blockBytes });

/** Types by their number in a file (ggml.h); all whose size is known, so that places in a file can be checked. */
export const ggmlTypes: ReadonlyMap<number, GgmlType> = new Map([
  [0, inBlocks('F32', 1, 4)],
  [1, inBlocks('F16', 1, 2)],
  [2, inBlocks('Q4_0', 32, 18)],
  [3, inBlocks('Q4_1', 32, 20)],
  [6, inBlocks('Q5_0', 32, 22)],
  [7, inBlocks('Q5_1', 32, 24)],
  [8, inBlocks('Q8_0', 32, 34)],
  [10, inBlocks('Q2_K', 256, 84)],
  [11, inBlocks('Q3_K', 256, 110)],
  [12, inBlocks('Q4_K', 256, 144)],
  [13, inBlocks('Q5_K', 256, 176)],
  [14, inBlocks('Q6_K', 256, 210)],
  [15, inBlocks('Q8_K', 256, 292)],
  [16, inBlocks('IQ2_XXS', 256, 66)],
  [17, inBlocks('IQ2_XS', 256, 74)],
  [18, inBlocks('IQ3_XXS', 256, 98)],
  [19, inBlocks('IQ1_S', 256, 50)],
  [20, inBlocks('IQ4_NL', 32, 18)],
  [21, inBlocks('IQ3_S', 256, 110)],
  [22, inBlocks('IQ2_S', 256, 82)],
  [23, inBlocks('IQ4_XS', 256, 136)],
  [24, inBlocks('I8', 1, 1)],
  [25, inBlocks('I16', 1, 2)],
  [26, inBlocks('I32', 1, 4)],
  [27, inBlocks('I64', 1, 8)],
  [28, inBlocks('F64', 1, 8)],
  [29, inBlocks('IQ1_M', 256, 56)],
  [30, inBlocks('BF16', 1, 2)],
  [34, inBlocks('TQ1_0', 256, 54)],
  [35, inBlocks('TQ2_0', 256, 66)],
  [39, inBlocks('MXFP4', 32, 17)],
]);
