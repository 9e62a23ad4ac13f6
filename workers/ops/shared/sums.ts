import { variantOf, type DeviceTraits, type KernelChoice } from '../../engine/wgsl/kernel';
import rowSum from './rowSum.wgsl?raw';
import rowSumSubgroups from './rowSumSubgroups.wgsl?raw';
import subgroupLeaders from './subgroupLeaders.wgsl?raw';
import workgroupSum from './workgroupSum.wgsl?raw';
import workgroupSumSubgroups from './workgroupSumSubgroups.wgsl?raw';

/** Pieces of WGSL, and the extensions that they use. */
export interface SumParts {
  enables: readonly 'subgroups'[];
  pieces: readonly string[];
}

/** `shared`: threads add up in workgroup memory; `subgroups`: each subgroup, of whatever size, by one instruction, then those few. */
function sumChoice(name: string): KernelChoice {
  return {
    name,
    variants: ({ subgroups }) => (subgroups ? ['shared', 'subgroups'] : ['shared']),
    preferred: () => 'shared',
  };
}

/** Sums over rows and over workgroups. */
export const sumsChoice = sumChoice('sums');

/** Products with few columns, whose inner dimension threads share. */
export const narrowChoice = sumChoice('narrow');

/** `rowSum()`. Rows that share a workgroup, `lanes` threads each, may share a subgroup too: they add up in workgroup memory. */
export function rowSums(device: DeviceTraits, lanes: number): SumParts {
  const bySubgroups = lanes === 64 && variantOf(sumsChoice, device) === 'subgroups';
  return bySubgroups ? subgroupParts(rowSumSubgroups) : { enables: [], pieces: [rowSum] };
}

/** `workgroupSum()` and `workgroupMax()`. */
export function workgroupSums(device: DeviceTraits): SumParts {
  const bySubgroups = variantOf(sumsChoice, device) === 'subgroups';
  return bySubgroups ? subgroupParts(workgroupSumSubgroups) : { enables: [], pieces: [workgroupSum] };
}

/** For a kernel that adds up by itself: `leads()`, where its sums go by subgroups. */
export function narrowSums(device: DeviceTraits): SumParts {
  return variantOf(narrowChoice, device) === 'subgroups' ? subgroupParts() : { enables: [], pieces: [] };
}

function subgroupParts(...pieces: readonly string[]): SumParts {
  return { enables: ['subgroups'], pieces: [subgroupLeaders, ...pieces] };
}
