import { describe, expect, it } from 'vitest';
import type { ModuleShapes } from '../../../workers/api/modules';
import { isAdapted, layerToggles, pressed, trainedOn } from './layerToggles';

const modulesOf = (prefix: string, names: readonly [string, number, number][]): ModuleShapes =>
  new Map(
    [0, 1, 2].flatMap((block) =>
      names.map(([name, inFeatures, outFeatures]) => [`${prefix}.${block}.${name}`, { inFeatures, outFeatures }] as const),
    ),
  );

const gpt2 = modulesOf('transformer.h', [
  ['attn.c_attn', 8, 24],
  ['attn.c_proj', 8, 8],
  ['mlp.c_fc', 8, 32],
  ['mlp.c_proj', 32, 8],
]);
const llama = modulesOf('model.layers', [
  ['self_attn.q_proj', 8, 8],
  ['self_attn.k_proj', 8, 4],
  ['mlp.up_proj', 8, 32],
]);

describe('the layers of a block', () => {
  it('are listed once, by where they lie', () => {
    expect(layerToggles(gpt2).map(({ key, group, paths }) => [key, group, paths.length])).toEqual([
      ['attn.c_attn', 'attention', 3],
      ['attn.c_proj', 'attention', 3],
      ['mlp.c_fc', 'mlp', 3],
      ['mlp.c_proj', 'mlp', 3],
    ]);
  });

  it('are pressed by name, and by more of the path where a name lies in two places', () => {
    const toggles = layerToggles(gpt2);
    expect(pressed(toggles, ['c_attn'], 'mlp.c_proj')).toEqual(['c_attn', 'mlp.c_proj']);
    expect(pressed(toggles, ['c_attn', 'mlp.c_proj'], 'attn.c_proj')).toEqual(['c_attn', 'c_proj']);
    expect(pressed(toggles, ['c_proj'], 'attn.c_proj')).toEqual(['mlp.c_proj']);
    expect(pressed(layerToggles(llama), ['q_proj', 'k_proj'], 'self_attn.k_proj')).toEqual(['q_proj']);
  });

  it('say whether they are adapted in all blocks, in some or in none', () => {
    const [cAttn, cProj] = layerToggles(gpt2);
    if (!cAttn || !cProj) throw new Error('Two toggles are missing.');
    expect(isAdapted(cAttn, ['c_attn'])).toBe(true);
    expect(isAdapted(cProj, ['c_attn'])).toBe(false);
    expect(isAdapted(cProj, ['all-linear'])).toBe(true);
    expect(isAdapted(cAttn, ['h.1.attn.c_attn'])).toBe('mixed');
    expect(pressed([cAttn, cProj], ['h.1.attn.c_attn'], cAttn.key)).toEqual(['c_attn']);
  });

  it('train two matrices each, a magnitude an output with DoRA, and nothing outside of the chosen blocks', () => {
    const [cAttn] = layerToggles(gpt2);
    const paths = cAttn?.paths ?? [];
    expect(trainedOn(paths, gpt2, { r: 2, useDora: false }, null)).toBe(3 * 2 * (8 + 24));
    expect(trainedOn(paths, gpt2, { r: 2, useDora: true }, null)).toBe(3 * (2 * (8 + 24) + 24));
    expect(trainedOn(paths, gpt2, { r: 2, useDora: false }, { indices: [0, 2], patterns: [] })).toBe(2 * 2 * (8 + 24));
  });
});
