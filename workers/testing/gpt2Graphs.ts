import type { WeightStorage } from '../engine/graph';
import { gpt2Model } from '../models/gpt2Model';
import { buildClassifierGraphs, type ClassifierGraphs } from '../training/graphs';

/** GPT-2 124M. */
export const gpt2Small = gpt2Model({
  nLayer: 12, nEmbd: 768, nHead: 12, nPositions: 1024, vocabSize: 50257, nInner: 3072, layerNormEpsilon: 1e-5, padTokenId: null,
  eosTokenId: 50256, initializerRange: 0.02, scaleAttnWeights: true, scaleAttnByInverseLayerIdx: false,
}); // prettier-ignore

export interface Gpt2Setup {
  name: string;
  targets: readonly string[];
  r: number;
  storage: WeightStorage;
  fp16: boolean;
  dora?: boolean;
}

const targets = {
  'r=8 on c_attn': { r: 8, targets: ['c_attn'] },
  'r=16 on all linear layers': { r: 16, targets: ['c_attn', 'c_proj', 'c_fc'] },
};
const storages: readonly WeightStorage[] = ['float16', 'float32'];

/** Blocks of either size differ in nothing but how a weight is read. */
const quantised = [
  { name: 'r=8 on c_attn, int8', ...targets['r=8 on c_attn'], storage: 'int8', fp16: false },
  { name: 'r=16 on all linear layers, int4, fp16', ...targets['r=16 on all linear layers'], storage: 'int4', fp16: true },
] as const;

/** The adapters, storages and precisions that the tests of devices go through. */
export const gpt2Setups: readonly Gpt2Setup[] = [
  ...Object.entries(targets).flatMap(([name, adapter]) =>
    storages.flatMap((storage) =>
      [false, true].map((fp16) => ({ ...adapter, storage, fp16, name: `${name}, ${storage}${fp16 ? ', fp16' : ''}` })),
    ),
  ),
  ...quantised,
];

/** Beside magnitudes products have no bias, and gelu stands alone. */
export const doraSetups: readonly Gpt2Setup[] = [
  { name: 'DoRA r=8 on c_attn', ...targets['r=8 on c_attn'], storage: 'float16', fp16: false, dora: true },
  {
    name: 'DoRA r=16 on all linear layers, int8, fp16',
    ...targets['r=16 on all linear layers'],
    storage: 'int8',
    fp16: true,
    dora: true,
  },
  {
    name: 'DoRA r=3 on all linear layers, int4',
    r: 3,
    targets: ['c_attn', 'c_proj', 'c_fc'],
    storage: 'int4',
    fp16: false,
    dora: true,
  },
];

/** A model with the kernels of GPT-2's rows and few of its numbers: r=8 on all linear layers. */
export function adaptedTiny(fp16: boolean): ClassifierGraphs {
  const tiny = gpt2Model({
    nLayer: 2, nEmbd: 64, nHead: 2, nPositions: 32, vocabSize: 101, nInner: 128, layerNormEpsilon: 1e-5, padTokenId: null,
    eosTokenId: 100, initializerRange: 0.02, scaleAttnWeights: true, scaleAttnByInverseLayerIdx: false,
  }); // prettier-ignore
  const lora = { r: 8, scaling: 2, dropout: 0.1, adapts: (module: string) => /c_attn|c_proj|c_fc/.test(module) };
  return buildClassifierGraphs(tiny, { lora, labelCount: 2, storage: 'float16' }, { fp16 });
}

export function gpt2Graphs({ targets: adapted, r, storage, fp16, dora = false }: Gpt2Setup): ClassifierGraphs {
  const adapts = (module: string): boolean => adapted.some((target) => module.endsWith(target));
  const lora = { r, scaling: 2, dropout: 0.1, dora, adapts };
  return buildClassifierGraphs(gpt2Small, { lora, labelCount: 2, storage }, { fp16 });
}
