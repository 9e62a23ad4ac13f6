import { encodeNumbers } from '../../../files/encodeNumbers';
import { layOutGguf, type GgufTensorToWrite } from '../../../files/ggufWriter';
import { scalingOf, type LoraConfig } from '../../../lora/config';
import { adaptedModules } from '../../../lora/targets';
import type { BaseModel } from '../../../models/architecture';
import { ggufName } from '../../../weights/ggufNames';
import { permuteRows } from '../../../weights/ggufRows';
import { ggufArchitecture } from './refusals';

export interface GgufAdapterInputs {
  /** Of the run. */
  name: string;
  base: Pick<BaseModel, 'architecture' | 'modules' | 'headSize'>;
  lora: LoraConfig;
  /** By PEFT's names, as `adapterShapes` lists them. */
  tensors: ReadonlyMap<string, Float32Array>;
}

/**
 * A LoRA adapter as llama.cpp's `--lora` takes it: A `[r, in]` and B `[out, r]` of each module in float32, under the name of the tensor
 * that they add to. llama.cpp scales by alpha / r, so that an adapter scaled by alpha / sqrt(r) has its alpha raised accordingly. For
 * what it cannot take see `adapterRefusal`.
 */
export function ggufAdapter({ name, base, lora, tensors }: GgufAdapterInputs): Uint8Array<ArrayBuffer> {
  const architecture = ggufArchitecture(base);
  const parts = adaptedModules(lora, base.modules).flatMap((module) => {
    const named = ggufName(`${module}.weight`, architecture);
    if (named === null) throw new Error(`llama.cpp has no name for ${module}.`);
    const { inFeatures, outFeatures } = base.modules.get(module)!;
    const of = (factor: 'A' | 'B') => tensors.get(`base_model.model.${module}.lora_${factor}.weight`)!;
    const b = named.isPermuted ? permuteRows(of('B'), lora.r, base.headSize) : of('B');
    return [
      { name: `${named.name}.lora_a`, shape: [lora.r, inFeatures], values: of('A') },
      { name: `${named.name}.lora_b`, shape: [outFeatures, lora.r], values: b },
    ];
  });
  const {
    header,
    tensors: placed,
    sizeBytes,
  } = layOutGguf(
    {
      'general.type': { text: 'adapter' },
      'general.architecture': { text: architecture },
      'general.name': { text: name },
      'adapter.type': { text: 'lora' },
      'adapter.lora.alpha': { float32: scalingOf(lora) * lora.r },
    },
    parts.map(({ name: tensor, shape }): GgufTensorToWrite => ({ name: tensor, shape, type: 'F32' })),
  );
  const file = new Uint8Array(sizeBytes);
  file.set(header);
  let at = header.length;
  placed.forEach(({ byteLength, paddingBytes }, index) => {
    const { name: tensor, values } = parts[index]!;
    file.set(encodeNumbers('F32', tensor, values), at);
    at += byteLength + paddingBytes;
  });
  return file;
}
