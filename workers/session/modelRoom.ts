import { TuneletError } from '../api/errors';
import type { TrainerEvent } from '../api/events';
import type { ModelSource, ModelSummary } from '../api/model';
import { parseGpt2Config, type Gpt2Config } from '../models/gpt2Config';
import { checkGpt2Tensors, gpt2DefaultTargets, gpt2ParameterCount, gpt2TargetNames } from '../models/gpt2Tensors';
import { createTokenizer, type TextTokenizer } from '../tokenizer/tokenizer';
import { openModel, type ModelFiles } from '../weights/openModel';

/** A base model chosen: checked, with its weights still where they are. */
export interface ChosenModel {
  summary: ModelSummary;
  files: ModelFiles;
  config: Gpt2Config;
  tokenizer: TextTokenizer;
  padTokenId: number;
}

/** Opens and checks a model before a byte of its weights is loaded. */
export async function chooseModel(
  source: ModelSource,
  baseUrl: string,
  emit: (event: TrainerEvent) => void,
): Promise<ChosenModel> {
  const files = await openModel(source, {
    embeddedBase: new URL('models/nano-gpt2/', baseUrl).href,
    onProgress: (file, loadedBytes, totalBytes) =>
      emit({ kind: 'model-progress', file, loadedBytes, totalBytes: totalBytes ?? loadedBytes }),
  });
  const config = parseGpt2Config(files.config);
  checkGpt2Tensors(config, files.header.tensors);
  const tokenizer = createTokenizer(tokenizerFiles(files));
  if (tokenizer.vocabularySize > config.vocabSize) {
    throw new TuneletError(
      'model/bad-tokenizer',
      `The tokenizer has ${tokenizer.vocabularySize} tokens, but the model’s vocabulary has ${config.vocabSize}.`,
      'Use the tokenizer files that belong to this model.',
    );
  }
  return { summary: summarise(files, config, tokenizer), files, config, tokenizer, padTokenId: padTokenOf(config, tokenizer) };
}

function tokenizerFiles({ tokenizer }: ModelFiles): Parameters<typeof createTokenizer>[0] {
  const config = tokenizer.tokenizerConfigJson === null ? {} : { tokenizerConfig: tokenizer.tokenizerConfigJson };
  if ('tokenizerJson' in tokenizer) return { tokenizerJson: tokenizer.tokenizerJson, ...config };
  return { vocabJson: tokenizer.vocabJson, mergesTxt: tokenizer.mergesText, ...config };
}

/** GPT-2 has no padding token of its own; its end of text serves, as is usual. */
function padTokenOf(config: Gpt2Config, tokenizer: TextTokenizer): number {
  const id = config.padTokenId ?? config.eosTokenId ?? tokenizer.endOfTextId;
  if (id === null) {
    throw new TuneletError(
      'model/bad-config',
      'config.json names neither pad_token_id nor eos_token_id, and the tokenizer has no end-of-text token.',
      'Add pad_token_id to config.json: the id that stands for padding.',
    );
  }
  return id;
}

function summarise(files: ModelFiles, config: Gpt2Config, tokenizer: TextTokenizer): ModelSummary {
  return {
    name: files.name,
    source: files.source,
    architecture: 'gpt2',
    revision: files.revision,
    parameterCount: gpt2ParameterCount(config),
    layers: config.nLayer,
    width: config.nEmbd,
    heads: config.nHead,
    positions: config.nPositions,
    vocabularySize: config.vocabSize,
    sizeBytes: files.sizeBytes,
    padTokenId: padTokenOf(config, tokenizer),
    moduleNames: [...gpt2DefaultTargets, ...gpt2TargetNames.filter((name) => !gpt2DefaultTargets.includes(name))],
  };
}
