import { describe, expect, it } from 'vitest';
import type { ModuleShapes, TensorShapes } from './modules';
import { isLeftToCopies, savableNames, savedModulesProblem, savedTensors } from './savedModules';

const linear = { inFeatures: 4, outFeatures: 4 };
const modules: ModuleShapes = new Map(
  [0, 1].flatMap((layer) => ['q_proj', 'o_proj'].map((name) => [`model.layers.${layer}.self_attn.${name}`, linear] as const)),
);
const tensors: TensorShapes = new Map<string, readonly number[]>([
  ['model.embed_tokens.weight', [9, 4]],
  ...[...modules.keys()].map((path) => [`${path}.weight`, [4, 4]] as const),
  ...[0, 1].map((layer) => [`model.layers.${layer}.input_layernorm.weight`, [4]] as const),
  ['model.norm.weight', [4]],
]);
const model = { name: 'tiny', modules, tensors };
const adapted = [...modules.keys()].filter((path) => path.endsWith('q_proj'));

const chosen = (...names: string[]) => [...savedTensors(names, tensors).keys()];
const problem = (...names: string[]) => savedModulesProblem(names, adapted, model);

describe('modules_to_save', () => {
  it('names modules by the end of their paths, with all that lies in them', () => {
    expect(chosen('model.norm')).toEqual(['model.norm.weight']);
    // As PEFT has it: any end of the text counts.
    expect(chosen('norm')).toEqual([
      'model.layers.0.input_layernorm.weight',
      'model.layers.1.input_layernorm.weight',
      'model.norm.weight',
    ]);
    expect(chosen('layers.1')).toEqual([
      'model.layers.1.self_attn.q_proj.weight',
      'model.layers.1.self_attn.o_proj.weight',
      'model.layers.1.input_layernorm.weight',
    ]);
    expect(chosen('self_attn', 'o_proj')).toHaveLength(4);
  });

  it('leaves heads to the task', () => {
    expect(chosen('score', 'classifier')).toEqual([]);
    expect(problem('score', 'classifier')).toBeNull();
  });

  it('keeps LoRA off whole parts of paths alone', () => {
    expect(isLeftToCopies('model.layers.1.self_attn.q_proj', ['q_proj'])).toBe(true);
    expect(isLeftToCopies('model.layers.1.self_attn.q_proj', ['layers.1'])).toBe(true);
    expect(isLeftToCopies('model.layers.1.self_attn.q_proj', ['proj'])).toBe(false);
    expect(isLeftToCopies('model.layers.1.self_attn.q_proj', [])).toBe(false);
  });

  it('takes norms and layers, beside LoRA or in its place', () => {
    expect(problem()).toBeNull();
    expect(problem('norm', 'o_proj')).toBeNull();
    expect(problem('layers.1')).toBeNull();
    expect(savableNames(model)).toEqual(['q_proj', 'o_proj', 'input_layernorm', 'norm']);
  });

  it.each([
    ['embed_tokens', 'an embedding table (model.embed_tokens)'],
    ['model', 'an embedding table (model.embed_tokens)'],
    ['lm_head', 'the language-model head'],
    ['wte', 'names “wte”, which tiny does not have'],
    ['.*norm', 'names “.*norm”, which tiny does not have'],
    ['proj', 'the end of model.layers.0.self_attn.q_proj, and target_modules adapts that module too'],
    ['q_proj', 'every module that target_modules adapts'],
  ])('refuses %s with the reason', (name, words) => {
    expect(problem('norm', name)?.fault).toContain(words);
    expect(problem('norm', name)?.remedy).toMatch(/\.$/);
  });
});
