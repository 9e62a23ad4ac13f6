import { wrap } from 'comlink';
import { llamaPlans, type PlanRow } from './llamaPlan';
import { readChats, type ChatAnswer, type ChatQuestion } from './chats';
import type { BlockAnswer, BlockQuestion } from './llamaBlock';
import type { BlockWorker } from './llamaBlock.worker';

/** What the page offers to the script that drives it. */
interface VerifyDoor {
  /** Of the model chosen in the page's file input. */
  chats(question: ChatQuestion): Promise<ChatAnswer>;
  /** One training step of Llama-2-7B's blocks on two executors. */
  block(question: BlockQuestion): Promise<BlockAnswer>;
  /** The memory of runs of Llama-2-7B. */
  plans(): PlanRow[];
}

declare global {
  interface Window {
    verify: VerifyDoor;
  }
}

window.verify = {
  async chats(question) {
    const input = document.querySelector<HTMLInputElement>('#model');
    return readChats([...(input?.files ?? [])], question);
  },
  async block(question) {
    const worker = new Worker(new URL('./llamaBlock.worker.ts', import.meta.url), { type: 'module' });
    const wasmPath = new URL('../../../tfjs-wasm/', location.href).href;
    const answer = await wrap<BlockWorker>(worker).compareBlock(question, wasmPath);
    worker.terminate();
    return answer;
  },
  plans: llamaPlans,
};
