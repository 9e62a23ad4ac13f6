import type { Value } from '../../engine/graph';
import type { Counts } from '../../engine/shape';
import { buildKernel, spread } from '../../engine/wgsl/buildKernel';
import { variantOf, type DeviceTraits, type Kernel, type KernelChoice, type KernelContext } from '../../engine/wgsl/kernel';
import type { AttentionAttributes } from '../attributes';
import attention from '../attention.wgsl?raw';
import gradientOfKeys from './attentionGradientOfKeys.wgsl?raw';
import gradientOfQueries from './attentionGradientOfQueries.wgsl?raw';
import gradientRows from './attentionGradientRows.wgsl?raw';
import lanesOfRow from './attentionLanes.wgsl?raw';
import rows from './attentionRows.wgsl?raw';
import { attentionSetting, pairsOf, sources, uniformsOf, type AttentionSetting, type AttentionValues } from './attentionSetting';
import { isTileVariant, tiledBackward, tiledForward, tileVariants } from './attentionTiled';
import { bind, operand, result, rowsOf } from './operands';

type Context = KernelContext<AttentionAttributes>;

/** `plain`: each query row by threads of its own, from storage; `rows16`, `rows32`: tiles in workgroup memory, where heads divide by four. */
function tiledChoice(name: string): KernelChoice {
  return {
    name,
    variants: () => ['plain', ...tileVariants],
    preferred: ({ matmul }) => (matmul === 'tiled' ? 'rows32' : 'plain'),
  };
}

export const attentionForwardChoice = tiledChoice('attention.forward');
export const attentionBackwardChoice = tiledChoice('attention.backward');

export function attentionForward({ node, attributes, device }: Context, values: AttentionValues): Kernel[] {
  const out = result(node, 0);
  const setting = attentionSetting(out, attributes);
  const variant = variantOf(attentionForwardChoice, device);
  if (tiles(values, setting) && isTileVariant(variant)) return [tiledForward(node, values, setting, variant)];
  const lanes = lanesPerQuery(values, device);
  const type = setting.vec4 ? 'vec4' : 'scalar';
  return [
    buildKernel({
      label: node.op,
      body: [rows, lanesOfRow, attention],
      flags: flagsOf(setting, values, lanes),
      bindings: [...sources(values, setting, 'queries'), bind('out', out, type), bind('logSumExp', result(node, 1))],
      ...uniformsOf(out, setting),
      grid: gridOf(out, setting.heads, lanes),
      multiplyAdds: (counts) => pairsOf(out, values, setting, counts) * setting.columns * 2.5,
    }),
  ];
}

export function attentionBackward({ node, attributes, device }: Context, values: AttentionValues): Kernel[] {
  const dout = operand(node, 0);
  const setting = attentionSetting(dout, attributes);
  const variant = variantOf(attentionBackwardChoice, device);
  if (tiles(values, setting) && isTileVariant(variant)) return tiledBackward(node, values, setting, variant);
  const pooled = values.q !== null;
  const { columns } = setting;
  const lanes = lanesPerQuery(values, device);
  const keyLanes = pooled ? 1 : lanes;
  const type = setting.vec4 ? 'vec4' : 'scalar';
  const given = [bind('dout', dout, type), bind('out', operand(node, 1), type), bind('logSumExp', operand(node, 2))];
  const [keyRows, keyGradient] = [values.kv, result(node, pooled ? 1 : 0)];
  return [
    buildKernel({
      label: `${node.op} of queries`,
      body: [rows, lanesOfRow, gradientRows, gradientOfQueries],
      flags: flagsOf(setting, values, lanes),
      bindings: [...given, ...sources(values, setting, 'queries'), bind('gradient', result(node, 0), type)],
      ...uniformsOf(dout, setting),
      grid: gridOf(dout, setting.heads, lanes),
      multiplyAdds: (counts) => pairsOf(dout, values, setting, counts) * columns * 3.5,
    }),
    buildKernel({
      label: `${node.op} of keys`,
      body: [rows, lanesOfRow, gradientRows, gradientOfKeys],
      flags: flagsOf(setting, values, keyLanes),
      bindings: [...given, ...sources(values, setting, 'keys'), bind('gradient', keyGradient, type)],
      ...uniformsOf(keyRows, setting),
      grid: gridOf(keyRows, setting.heads / setting.sharing, keyLanes),
      multiplyAdds: (counts) => pairsOf(dout, values, setting, counts) * columns * 5,
    }),
  ];
}

/** Pooled queries are few, and branches for scoring alone: those have the plain kernels. */
function tiles({ q, branches }: AttentionValues, { vec4 }: AttentionSetting): boolean {
  return vec4 && !q && !branches;
}

/** Threads that share a row's keys. Few pooled queries need many; where workgroup memory is slow, adding up costs more than it gains. */
function lanesPerQuery({ q }: AttentionValues, { matmul }: DeviceTraits): number {
  if (q) return 16;
  return matmul === 'direct' ? 1 : 4;
}

function flagsOf({ headSize, vec4 }: AttentionSetting, { q, branches }: AttentionValues, lanes: number) {
  return {
    POOLED: q !== null,
    BRANCHES: branches !== null,
    VEC: vec4,
    QUADS: Math.ceil(headSize / 4),
    FOUR: 4,
    LANES: lanes,
    ALONE: lanes === 1,
  };
}

function gridOf(rowsLike: Value, heads: number, lanes: number) {
  return (counts: Counts) => spread(Math.ceil((rowsOf(rowsLike, counts) * heads * lanes) / 64));
}
