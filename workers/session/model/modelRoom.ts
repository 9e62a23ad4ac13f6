import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { ModelSource, ModelSummary } from '../../api/model';
import { refuseHostileTemplate } from '../../data/chatFormat';
import type { HubLibrary } from '../../hub/hubLibrary';
import type { BaseModel } from '../../models/architecture';
import { baseModelOf } from '../../models/registry';
import { createTokenizer, type TextTokenizer } from '../../tokenizer/tokenizer';
import { openModel, type ModelFiles } from '../../weights/openModel';
import { modelProgress } from './modelProgress';

/** A base model chosen: checked, with its weights still where they are. */
export interface ChosenModel {
  summary: ModelSummary;
  files: ModelFiles;
  base: BaseModel;
  tokenizer: TextTokenizer;
  padTokenId: number;
}

/** Opens and checks a model before a byte of its weights is loaded. */
export async function chooseModel(
  source: ModelSource,
  baseUrl: string,
  hub: HubLibrary,
  emit: (event: TrainerEvent) => void,
): Promise<ChosenModel> {
  const files = await openModel(source, {
    embeddedBase: new URL('models/nano-gpt2/', baseUrl).href,
    hub,
    onProgress: modelProgress(emit),
  });
  const base = baseModelOf(files.config);
  base.checkTensors(files.tensors);
  const tokenizer = createTokenizer(tokenizerFiles(files));
  if (tokenizer.vocabularySize > base.vocabularySize) {
    throw new TuneletError(
      'model/bad-tokenizer',
      `The tokenizer has ${tokenizer.vocabularySize} tokens, but the model’s vocabulary has ${base.vocabularySize}.`,
      'Use the tokenizer files that belong to this model.',
    );
  }
  const { chatTemplate, specialTexts } = tokenizer;
  if (chatTemplate !== null) refuseHostileTemplate({ chatTemplate, ...specialTexts });
  return { summary: summarise(files, base, tokenizer), files, base, tokenizer, padTokenId: padTokenOf(base, tokenizer) };
}

function tokenizerFiles({ tokenizer }: ModelFiles): Parameters<typeof createTokenizer>[0] {
  const config = tokenizer.tokenizerConfigJson === null ? {} : { tokenizerConfig: tokenizer.tokenizerConfigJson };
  if ('tokenizerJson' in tokenizer) return { tokenizerJson: tokenizer.tokenizerJson, ...config };
  return { vocabJson: tokenizer.vocabJson, mergesTxt: tokenizer.mergesText, ...config };
}

/** GPT-2 has no padding token of its own; its end of text serves, as is usual. */
function padTokenOf(base: BaseModel, tokenizer: TextTokenizer): number {
  const id = base.padTokenId ?? base.eosTokenId ?? tokenizer.endOfTextId;
  if (id === null) {
    throw new TuneletError(
      'model/bad-config',
      'config.json names neither pad_token_id nor eos_token_id, and the tokenizer has no end-of-text token.',
      'Add pad_token_id to config.json: the id that stands for padding.',
    );
  }
  return id;
}

function summarise(files: ModelFiles, base: BaseModel, tokenizer: TextTokenizer): ModelSummary {
  const { architecture, parameterCount, layers, width, heads, positions, vocabularySize, defaultTargets, targetNames } = base;
  return {
    name: files.name,
    source: files.source,
    architecture,
    revision: files.revision,
    licence: files.licence,
    parameterCount,
    layers,
    width,
    heads,
    positions,
    vocabularySize,
    sizeBytes: files.sizeBytes,
    padTokenId: padTokenOf(base, tokenizer),
    hasChatFormat: tokenizer.chatTemplate !== null,
    canWrite: files.tensors.some(({ name }) => base.wantedTensor(name) === base.outputTensor),
    modules: base.modules,
    defaultModules: [...defaultTargets],
    moduleNames: [...defaultTargets, ...targetNames.filter((name) => !defaultTargets.includes(name))],
  };
}
