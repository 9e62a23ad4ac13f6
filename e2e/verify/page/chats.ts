import { createChatFormat, type ChatMessage } from '../../../workers/data/chatFormat';
import { ParameterLayout } from '../../../workers/engine/parameters';
import type { Value } from '../../../workers/engine/graph';
import type { Program, Readings } from '../../../workers/engine/executor';
import { createWasmExecutor } from '../../../workers/engine/wasm/executor';
import { Generator } from '../../../workers/evaluation/generation';
import { buildGenerationGraphs } from '../../../workers/evaluation/generationGraph';
import { greedy } from '../../../workers/evaluation/sampling';
import type { BodyPlan } from '../../../workers/models/architecture';
import { wasmOps } from '../../../workers/ops/wasm/index';
import { CacheRoom } from '../../../workers/session/model/cacheRoom';
import { chooseModel, type ChosenModel } from '../../../workers/session/model/modelRoom';

/** Conversations that the model is to go on with, and texts to be cut into tokens. */
export interface ChatQuestion {
  chats: ChatMessage[][];
  texts: string[];
  newTokens: number;
  threads: number;
}

export interface ChatAnswer {
  /** For each text its tokens. */
  tokens: number[][];
  chats: {
    prompt: string;
    ids: number[];
    /** Of the prompt's last token: (vocabulary). */
    logits: number[];
    /** The likeliest tokens one after another; the token that ends a text stands among them. */
    greedyIds: number[];
    greedyText: string;
  }[];
  loadSeconds: number;
  writeSeconds: number;
  newTokens: number;
}

const promptTokens = 128;

/** Reads the model on the processor and lets it go on with each conversation. */
export async function readChats(files: File[], question: ChatQuestion): Promise<ChatAnswer> {
  const start = performance.now();
  const hub = await new CacheRoom(() => {}).library();
  const model = await chooseModel({ kind: 'files', files }, location.href, hub, () => {});
  const { chatTemplate, specialTexts } = model.tokenizer;
  if (chatTemplate === null) throw new Error('The model brings no chat format.');
  const format = createChatFormat({ chatTemplate, ...specialTexts });
  const writer = await createWriter(model, question);
  const loadSeconds = (performance.now() - start) / 1000;
  const chats: ChatAnswer['chats'] = [];
  const writeStart = performance.now();
  for (const chat of question.chats) {
    const prompt = format.render(chat, true);
    const ids = model.tokenizer.encodePlain(prompt);
    const { logits, greedyIds } = await writer(ids);
    chats.push({ prompt, ids, logits: [...logits], greedyIds, greedyText: model.tokenizer.decode(greedyIds) });
  }
  return {
    tokens: question.texts.map((text) => model.tokenizer.encodePlain(text)),
    chats,
    loadSeconds,
    writeSeconds: (performance.now() - writeStart) / 1000,
    newTokens: chats.reduce((sum, { greedyIds }) => sum + greedyIds.length, 0),
  };
}

type Writer = (ids: readonly number[]) => Promise<{ logits: Float32Array; greedyIds: number[] }>;

async function createWriter(model: ChosenModel, { newTokens, threads }: ChatQuestion): Promise<Writer> {
  const { base, files } = model;
  // An adapter of zeros adds nothing.
  const lora = { r: 4, scaling: 1, dropout: 0, adapts: (module: string) => module.endsWith('k_proj') };
  const plan: BodyPlan = { lora, storage: 'float32' };
  const layout = new ParameterLayout();
  const room = { texts: 1, tokensPerText: promptTokens + newTokens };
  const capacity = { tokens: promptTokens, sequences: 1 };
  const { prefill, decode, caches } = buildGenerationGraphs(base, plan, layout, room);
  const executor = await createWasmExecutor({ ops: wasmOps, threads });
  const weights = prefill.nodes.flatMap((node) => node.inputs.filter((value): value is Value => value?.role.kind === 'weight'));
  executor.allocateWeights([...new Set(weights)]);
  await files.streamTensors(base.wantedTensor, ({ name, ...rows }) => executor.writeWeights({ tensor: name, ...rows }));
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.allocateCaches(caches);
  const reading = tapped(await executor.prepare(prefill, capacity));
  const writing = await executor.prepare(decode, { tokens: 1, sequences: 1 });
  const generator = new Generator({ prefill: reading.program, decode: writing, capacity, room });
  const stopIds = base.eosTokenIds;
  return async (ids) => {
    reading.seen.length = 0;
    const [text] = await generator.generate([ids], { ...greedy, maxNewTokens: newTokens, stopIds });
    const [end] = stopIds;
    const greedyIds = [...(text?.ids ?? []), ...(text?.ended === 'stop' && end !== undefined ? [end] : [])];
    return { logits: reading.seen[0]?.get('logits') ?? new Float32Array(), greedyIds };
  };
}

/** The program, with what it read kept. */
function tapped(program: Program): { program: Program; seen: Readings[] } {
  const seen: Readings[] = [];
  const listening: Program = {
    async run(...batch) {
      const readings = await program.run(...batch);
      seen.push(readings);
      return readings;
    },
    get arenaBytes() {
      return program.arenaBytes;
    },
    get lastRun() {
      return program.lastRun;
    },
    dispose: () => program.dispose(),
  };
  return { program: listening, seen };
}
