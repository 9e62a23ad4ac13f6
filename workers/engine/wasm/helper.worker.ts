import { instantiateWork } from './workModule';

/** What a helping thread is started with. */
export interface HelperStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  block: number;
  /** Address of the word that holds the address of its scratch. */
  own: number;
}

// Runs parts of jobs until it is told to stop, and never comes back to its event loop before that.
globalThis.addEventListener('message', ({ data }: MessageEvent<HelperStart>) => {
  const work = instantiateWork(data.module, data.memory);
  postMessage('ready');
  work.serve(data.block, data.own);
  close();
});
