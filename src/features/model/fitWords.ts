import type { FoundModel } from '../../../workers/api/hub';
import type { MemoryEstimate } from '../../../workers/api/memory';
import { formatBytes } from '../../ui/format';

/** Whether a model of the Hub can be trained on this device. */
export interface Fit {
  /** `locked`: its owners are to be asked; `never`: whatever is done; `unclear`: nothing tells before it is chosen. */
  kind: 'fits' | 'too-large' | 'locked' | 'never' | 'unclear';
  words: string;
}

/** Texts in flight, adapter and optimizer want the rest; once a model is chosen, its own plan is exact. */
const shareForWeights = 0.8;
const bitsOf = { float32: 32, float16: 16, int8: 8, int4: 4 } as const;

/** What the Hub's list tells of it. */
export function fitOf(model: FoundModel, limitBytes: number | null): Fit {
  const { modelType, isKnownArchitecture, format, packedAs, asksForAccess, weightBytes } = model;
  if (!isKnownArchitecture) return { kind: 'never', words: `${modelType} is not among our architectures` };
  if (format === null) return { kind: 'never', words: 'no safetensors or GGUF' };
  if (packedAs !== null) return { kind: 'never', words: `stored as ${packedAs}, which is not read` };
  if (asksForAccess) return { kind: 'locked', words: 'asks for access' };
  if (weightBytes === null)
    return { kind: 'unclear', words: format === 'gguf' ? 'GGUF files to choose from' : 'known once chosen' };
  if (limitBytes === null) {
    const { float16, int4 } = weightBytes;
    return { kind: 'unclear', words: `takes ${formatBytes(float16)}, in 4 bits ${formatBytes(int4)}` };
  }
  const room = limitBytes * shareForWeights;
  return fitIn(
    (['float16', 'int8', 'int4'] as const).filter((storage) => weightBytes[storage] <= room).map((name) => bitsOf[name]),
  );
}

/** What the plan of the chosen model tells. */
export function fitByEstimate({ choices, limitBytes }: MemoryEstimate): Fit | null {
  if (limitBytes === null) return null;
  return fitIn(
    choices.flatMap(({ weightStorage, fits }) => (fits && weightStorage !== 'float32' ? [bitsOf[weightStorage]] : [])),
  );
}

function fitIn(bits: readonly number[]): Fit {
  if (bits.length === 0) return { kind: 'too-large', words: 'too large for this device' };
  return { kind: 'fits', words: bits.includes(16) ? 'fits' : `fits in ${bits.join(' or ')} bits` };
}
