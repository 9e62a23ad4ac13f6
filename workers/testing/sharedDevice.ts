import { afterAll } from 'vitest';
import { openDevice } from '../engine/wgsl/device';

/** The device of all suites of a test file, opened before they are laid out: which cases there are depends on it. */
export const { device, traits } = await openDevice(undefined, {});
afterAll(() => device.destroy());

// A device hands out again what it has compiled, as long as somebody holds it.
const held: GPUComputePipeline[] = [];
const compile = device.createComputePipelineAsync.bind(device);
device.createComputePipelineAsync = async (descriptor) => {
  const pipeline = await compile(descriptor);
  held.push(pipeline);
  return pipeline;
};
