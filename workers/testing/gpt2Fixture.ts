import { readFileSync } from 'node:fs';
import { parseSafetensorsHeader, type TensorInfo } from '../files/safetensors';
import type { AdaptableModel } from '../lora/adapterTensors';
import { parseGpt2Config, type Gpt2Config } from '../models/gpt2Config';
import { gpt2Model } from '../models/gpt2Model';
import { gpt2DefaultTargets } from '../models/gpt2Tensors';

function pathOf(name: string, file: string): URL {
  const folder = name === 'nano-gpt2' ? '../../public/models/nano-gpt2' : `./fixtures/reference/${name}`;
  return new URL(`${folder}/${file}`, import.meta.url);
}

/** config.json of the embedded model or of a reference case, parsed as JSON. */
export function configJson(name: string): unknown {
  return JSON.parse(readFileSync(pathOf(name, 'config.json'), 'utf8'));
}

/** Its tensors as the weights' header lists them. */
export function storedTensors(name: string): readonly TensorInfo[] {
  const bytes = new Uint8Array(readFileSync(pathOf(name, 'model.safetensors')));
  return parseSafetensorsHeader(bytes, bytes.length).tensors;
}

/** The model as an adapter sees it, with some settings changed. */
export function adaptableModel(name: string, change: Partial<Gpt2Config> = {}): AdaptableModel {
  const config = { ...parseGpt2Config(configJson(name)), ...change };
  const { modules, tensors, width } = gpt2Model(config);
  return { name, modules, tensors, width, fanInFanOut: true, defaultTargets: gpt2DefaultTargets };
}
