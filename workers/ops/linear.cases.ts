import type { Activation, ExpandLayout, LinearAttributes } from './attributes';
import { CaseData, caseStep, rowsOnly, type OpCase } from './opCase';

interface Variant {
  rows: number;
  inner: number;
  columns: number;
  transposed?: boolean;
  bias?: boolean;
  lora?: ExpandLayout;
  rank?: number;
  dropout?: number;
  activation?: Activation;
  /** Weight and bias are trained, so they come anew in every step. */
  trained?: boolean;
}

const variants: Variant[] = [
  { rows: 1, inner: 1, columns: 1 },
  { rows: 3, inner: 65, columns: 70, bias: true },
  { rows: 65, inner: 70, columns: 3, transposed: true },
  { rows: 70, inner: 64, columns: 128, bias: true },
  { rows: 64, inner: 128, columns: 64, transposed: true },
  { rows: 70, inner: 33, columns: 65, bias: true, lora: 'outRank', rank: 3 },
  { rows: 65, inner: 64, columns: 192, bias: true, lora: 'outRank', rank: 8 },
  { rows: 70, inner: 65, columns: 31, transposed: true, lora: 'rankOut', rank: 5, dropout: 0.25 },
  { rows: 65, inner: 128, columns: 64, transposed: true, lora: 'rankOut', rank: 8, dropout: 0.1 },
  { rows: 3, inner: 70, columns: 65, bias: true, activation: 'gelu' },
  { rows: 65, inner: 64, columns: 128, bias: true, lora: 'outRank', rank: 8, activation: 'gelu' },
  { rows: 70, inner: 65, columns: 33, transposed: true, activation: 'geluGradient' },
  { rows: 65, inner: 64, columns: 70, transposed: true, lora: 'rankOut', rank: 4, dropout: 0.5, activation: 'geluGradient' },
  // Beyond the largest tile, and its inner dimension in several steps of which the last is not full.
  { rows: 131, inner: 204, columns: 160, bias: true, activation: 'gelu' },
  { rows: 131, inner: 160, columns: 204, transposed: true, activation: 'geluGradient' },
  // A vocabulary that does not divide by four.
  { rows: 33, inner: 64, columns: 65, transposed: true },
  // Every other kernel that adapters of all linear layers ask for, with ranks that do and do not divide by four. Rows of weights are
  // of five blocks, so that those of int8 begin in the middle of a group.
  { rows: 33, inner: 72, columns: 160, bias: true, lora: 'outRank', rank: 3 },
  { rows: 33, inner: 72, columns: 160, bias: true, lora: 'outRank', rank: 3, activation: 'gelu' },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 3, dropout: 0.1 },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 3, dropout: 0.1, activation: 'geluGradient' },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 8, dropout: 0.1, activation: 'geluGradient' },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 3 },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 3, activation: 'geluGradient' },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 8 },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'rankOut', rank: 8, activation: 'geluGradient' },
  // Llama's layers are stored the other way round, without a bias or, Qwen2's, with one.
  { rows: 33, inner: 160, columns: 72, transposed: true, bias: true },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'outRank', rank: 8 },
  { rows: 33, inner: 160, columns: 72, transposed: true, lora: 'outRank', rank: 3 },
  { rows: 33, inner: 160, columns: 72, transposed: true, bias: true, lora: 'outRank', rank: 8 },
  { rows: 33, inner: 72, columns: 160 },
  // Beneath DoRA's magnitudes: the bias is added after them.
  { rows: 33, inner: 72, columns: 160, lora: 'outRank', rank: 8 },
  { rows: 33, inner: 72, columns: 160, lora: 'outRank', rank: 3 },
  { rows: 33, inner: 72, columns: 160, lora: 'rankOut', rank: 8, dropout: 0.1 },
  { rows: 33, inner: 72, columns: 160, lora: 'rankOut', rank: 3, dropout: 0.1 },
  { rows: 33, inner: 72, columns: 160, lora: 'rankOut', rank: 8 },
  { rows: 33, inner: 72, columns: 160, bias: true, trained: true },
  { rows: 33, inner: 65, columns: 70, transposed: true, trained: true },
];

export const linearCases: OpCase<LinearAttributes>[] = variants.map((variant) => {
  const { rows, inner, columns, transposed = false, bias = false, lora, rank = 0, dropout = 0, activation = 'none' } = variant;
  const { trained = false } = variant;
  const data = new CaseData(rows * inner + columns, rowsOnly(rows));
  const kind = trained ? 'value' : 'weight';
  const inputs = [
    data.value(['tokens', inner]),
    data[kind](transposed ? [columns, inner] : [inner, columns], 1 / Math.sqrt(inner)),
    bias ? data[kind]([columns]) : null,
    lora ? data.value(['tokens', rank]) : null,
    lora ? data.value(lora === 'outRank' ? [columns, rank] : [rank, columns]) : null,
    activation === 'geluGradient' ? data.value(['tokens', columns], 2) : null,
  ];
  const attributes = { transposed, lora: lora ? { layout: lora, scale: 1.5, dropout, site: 3 } : null, activation };
  const plain = !lora && activation === 'none';
  return {
    title: titleOf(variant),
    counts: data.counts,
    step: caseStep,
    attributes,
    inputs,
    gradients: plain ? (bias ? [0, 1, 2] : [0, 1]) : [],
  };
});

function titleOf({ rows, inner, columns, transposed, bias, lora, rank, dropout, activation, trained }: Variant): string {
  const parts = [
    transposed ? 'transposed' : '',
    bias ? 'bias' : '',
    lora ? `LoRA ${lora} ${rank}` : '',
    dropout ? `dropout ${dropout}` : '',
    activation ?? '',
    trained ? 'trained' : '',
  ];
  return [`${rows} x ${inner} x ${columns}`, ...parts.filter((part) => part !== '')].join(', ');
}
