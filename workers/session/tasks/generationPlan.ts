import { TuneletError } from '../../api/errors';
import type { ParameterLayout } from '../../engine/parameters';
import type { Counts } from '../../engine/shape';
import { buildGenerationGraphs, type CacheRoom, type GenerationGraphs } from '../../evaluation/generationGraph';
import type { BaseModel, BodyPlan } from '../../models/architecture';
import type { ChosenModel } from '../model/modelRoom';

/** How a run's model writes: graphs, and the room that they take. */
export interface GenerationPlan extends GenerationGraphs {
  room: CacheRoom;
  capacity: Counts;
}

/** Tokens that the playground may ask for. */
export const mostNewTokens = 256;

const mostTexts = 8;
const tokensAtOnce = 512;
const mostCacheBytes = 256 * 2 ** 20;

/** For prompts of so many tokens; the adapter's parameters are those of `layout`. */
export function planGeneration(base: BaseModel, plan: BodyPlan, layout: ParameterLayout, promptTokens: number): GenerationPlan {
  const room = cacheRoom(base, promptTokens);
  return {
    ...buildGenerationGraphs(base, plan, layout, room),
    room,
    capacity: { tokens: Math.max(tokensAtOnce, room.texts), sequences: room.texts },
  };
}

/** As many texts side by side as the caches may take bytes for. */
function cacheRoom({ positions, layers, kvHeads, headSize }: BaseModel, promptTokens: number): CacheRoom {
  const tokensPerText = Math.min(positions, promptTokens + mostNewTokens);
  const bytesPerText = tokensPerText * layers * 2 * kvHeads * headSize * 4;
  return { texts: Math.max(1, Math.min(mostTexts, Math.floor(mostCacheBytes / bytesPerText))), tokensPerText };
}

/** Tokens that end what a model writes. */
export function stopIdsOf({ base, tokenizer }: ChosenModel): number[] {
  const { endOfTextId } = tokenizer;
  return [...new Set([...base.eosTokenIds, ...(endOfTextId === null ? [] : [endOfTextId])])];
}

/** Throws model/missing-tensor where a model's files have no language-model head. */
export function requireOutput({ base, files, summary }: ChosenModel): void {
  if (files.tensors.some(({ name }) => base.wantedTensor(name) === base.outputTensor)) return;
  throw new TuneletError(
    'model/missing-tensor',
    `${summary.name} has no language-model head (${base.outputTensor}), so it cannot write.`,
    'Choose the task “head”, or a model that writes.',
    { tensor: base.outputTensor },
  );
}
