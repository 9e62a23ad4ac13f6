import type { FoundModel, HubSearch } from '../../api/hub';
import { bytesPerNumber } from '../../engine/weightStorage';
import type { ListedModel } from '../../hub/search';
import { isKnownArchitecture } from '../../models/registry';
import type { Device } from '../device';
import { limitsOf } from './memoryProblem';
import { bytesOfMatrixNumber } from './runMemory';

/** What a search found, against what this device has. */
export function describeFound(found: readonly ListedModel[], device: Device): HubSearch {
  const onProcessor = device.report.executor === 'wasm';
  const weightBytesOf = (count: number): FoundModel['weightBytes'] => {
    const bytesIn = (storage: 'float16' | 'int8' | 'int4'): number =>
      Math.ceil(count * (onProcessor ? bytesOfMatrixNumber() : bytesPerNumber[storage]));
    return { float16: bytesIn('float16'), int8: bytesIn('int8'), int4: bytesIn('int4') };
  };
  const models = found.map((model) => ({
    ...model,
    isKnownArchitecture: model.modelType === null || isKnownArchitecture(model.modelType),
    weightBytes: model.parameterCount === null ? null : weightBytesOf(model.parameterCount),
  }));
  return { models, limitBytes: limitsOf(device, null).totalBytes };
}
