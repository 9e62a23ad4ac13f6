import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGgufHeader, type GgufHeader } from '../../../files/gguf';
import { readSafetensors } from '../../../files/safetensorsData';
import type { LoraConfig } from '../../../lora/config';
import { baseModelOf } from '../../../models/registry';
import { ggufAdapter } from './adapter';
import { adapterRefusal, modelRefusal } from './refusals';

const read = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../testing/fixtures/reference/${path}`, import.meta.url)));

const plain: LoraConfig = { r: 8, loraAlpha: 16, loraDropout: 0, targetModules: [], useRslora: false, useDora: false, task: 'CAUSAL_LM' }; // prettier-ignore

function written(fixture: string, changes: Partial<LoraConfig> = {}) {
  const base = baseModelOf(JSON.parse(new TextDecoder().decode(read(`${fixture}/config.json`))));
  const adapter: { r: number; lora_alpha: number; target_modules: string[] } = JSON.parse(
    new TextDecoder().decode(read(`${fixture}/adapter/adapter_config.json`)),
  );
  const lora = { ...plain, r: adapter.r, loraAlpha: adapter.lora_alpha, targetModules: adapter.target_modules, ...changes };
  const { tensors } = readSafetensors(read(`${fixture}/adapter/adapter_model.safetensors`));
  const file = ggufAdapter({
    name: 'tiny',
    base,
    lora,
    tensors: new Map([...tensors].map(([name, { values }]) => [name, values])),
  });
  return { base, lora, peft: tensors, file, header: parseGgufHeader(file, file.length)! };
}

function valuesOf(file: Uint8Array, header: GgufHeader, name: string): { shape: readonly number[]; values: Float32Array } {
  const { shape, byteOffset, byteLength } = header.tensors.find((tensor) => tensor.name === name)!;
  return { shape, values: new Float32Array(file.slice(byteOffset, byteOffset + byteLength).buffer) };
}

describe('an adapter for llama.cpp', () => {
  it.each([
    ['gpt2-tiny-lm', 'gpt2', { 'transformer.h.1.attn.c_attn': 'blk.1.attn_qkv' }],
    ['mistral-tiny-lm', 'llama', {}],
    ['llama-tiny-lm', 'llama', { 'model.layers.1.self_attn.v_proj': 'blk.1.attn_v' }],
  ])('%s: PEFT’s matrices under llama.cpp’s names', (fixture, architecture, some) => {
    const { file, header, peft, lora } = written(fixture);
    expect(Object.fromEntries(header.metadata)).toMatchObject({
      'general.type': 'adapter',
      'general.architecture': architecture,
      'adapter.type': 'lora',
      'adapter.lora.alpha': lora.loraAlpha,
    });
    expect(header.tensors).toHaveLength(peft.size);
    expect(new Set(header.tensors.map(({ type }) => type.name))).toEqual(new Set(['F32']));
    for (const [module, name] of Object.entries(some)) {
      expect(valuesOf(file, header, `${name}.weight.lora_a`)).toEqual(peft.get(`base_model.model.${module}.lora_A.weight`));
      expect(valuesOf(file, header, `${name}.weight.lora_b`)).toEqual(peft.get(`base_model.model.${module}.lora_B.weight`));
    }
  });

  it('moves rows of queries’ and keys’ B as the base’s are: i of the first and of the second half side by side', () => {
    const { file, header, peft, lora, base } = written('llama-tiny-lm');
    const own = peft.get('base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight')!;
    const { shape, values } = valuesOf(file, header, 'blk.0.attn_k.weight.lora_b');
    expect(shape).toEqual(own.shape);
    const [rows = 0] = shape;
    const row = (from: Float32Array, at: number) => from.subarray(at * lora.r, (at + 1) * lora.r);
    for (let head = 0; head < rows / base.headSize; head++) {
      for (let pair = 0; pair < base.headSize / 2; pair++) {
        const first = head * base.headSize;
        expect(row(values, first + 2 * pair)).toEqual(row(own.values, first + pair));
        expect(row(values, first + 2 * pair + 1)).toEqual(row(own.values, first + pair + base.headSize / 2));
      }
    }
    expect(valuesOf(file, header, 'blk.0.attn_k.weight.lora_a')).toEqual(
      peft.get('base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight'),
    );
  });

  it('has the alpha of a rank-stabilised one raised, since llama.cpp divides by r', () => {
    const { header } = written('llama-tiny-lm', { r: 8, loraAlpha: 16, useRslora: true });
    expect(header.metadata.get('adapter.lora.alpha')).toBeCloseTo(16 * Math.sqrt(8), 5);
  });
});

describe('refused by name, with what to take instead', () => {
  it.each<[string, Partial<LoraConfig>, string, string]>([
    ['a head', { task: 'SEQ_CLS' }, 'no place for a classification head', 'merged model as safetensors'],
    ['DoRA', { useDora: true }, 'knows no DoRA', 'merged model as GGUF'],
    ['whole modules', { modulesToSave: ['ln_f'] }, 'ln_f as a whole (modules_to_save)', 'merged model as GGUF'],
  ])('%s', (_, changes, message, remedy) => {
    const error = adapterRefusal({ ...plain, ...changes });
    expect(error?.code).toBe('export/unsupported');
    expect(error?.message).toContain(message);
    expect(error?.remedy).toContain(remedy);
  });

  it('and nothing else', () => {
    expect(adapterRefusal({ ...plain, useRslora: true, modulesToSave: ['score'] })).toBeNull();
    expect(modelRefusal({ ...plain, task: 'CAUSAL_LM' })).toBeNull();
  });
});
