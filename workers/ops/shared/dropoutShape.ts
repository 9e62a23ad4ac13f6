import { dropoutThreshold } from '../../engine/dropout';
import type { Dropout } from '../attributes';

/** The fields of a kernel's shape uniform that `dropout.wgsl` reads. */
export function dropoutIntegers({ dropout, site }: Dropout): { site: number; threshold: number } {
  return { site, threshold: dropoutThreshold(dropout) };
}

export function dropoutFloats({ dropout }: Dropout): { keepScale: number } {
  return { keepScale: dropout < 1 ? Math.fround(1 / (1 - dropout)) : 0 };
}
