import type { SplitName, TokenStatistics } from '../../api/dataset';
import { wordFor } from '../../api/labelWords';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import { createChatFormat } from '../../data/chatFormat';
import { branchedCounts } from '../../data/collateBranches';
import type { Dataset } from '../../data/dataset';
import { PromptEncoder } from '../../data/promptEncoding';
import { PromptedDataset, type CountingOptions, type PromptedSplit, type SplitTexts } from '../../data/promptedDataset';
import { PromptWriter } from '../../data/promptTemplate';
import type { Counts } from '../../engine/shape';
import { greedy } from '../../evaluation/sampling';
import { AnswerScorer, scoringCapacity } from '../../evaluation/scoring';
import type { Watch } from '../../evaluation/watch';
import { writeAnswers } from '../../evaluation/writtenAnswers';
import type { BatchSource } from '../../training/examples';
import { buildLanguageModelGraphs, buildScoringGraph, chunkFor } from '../../training/languageModelGraphs';
import { targetCapacity, targetSource } from '../../training/targetExamples';
import type { RunEngine, TaskGraphs } from './runEngine';
import { planGeneration, requireOutput, stopIdsOf } from './generationPlan';
import type { ChosenModel } from '../model/modelRoom';
import { arenaBytes, tokensAtOnce } from './evaluationCapacity';
import { bodyPlan, type AnsweredTexts, type ClassTask, type JudgedSplit, type ReadText, type ReadTexts } from './runTask';

/** Texts of the judged split that both models answer freely: so many that macro-F1 is known to three points either way. */
export const mostAnswered = 1000;
/** Tokens that a free answer has at the most, beyond those of the longest word. */
const spareTokens = 4;
const scoredTexts = 64;
const scoredTokens = 4096;

/** Classification by the model's own words after a prompt. */
export class PromptTask implements ClassTask {
  readonly name = 'prompt';
  readonly labels: readonly string[];
  /** What is answered for each label. */
  private readonly words: readonly string[];
  private readonly model: ChosenModel;
  private readonly data: PromptedDataset;
  private readonly encoder: PromptEncoder;
  /** The most that the answers to one text take. */
  private readonly answerTokens: number;

  private constructor(
    model: ChosenModel,
    data: PromptedDataset,
    encoder: PromptEncoder,
    names: Pick<PromptTask, 'labels'> & { words: readonly string[] },
  ) {
    this.model = model;
    this.data = data;
    this.encoder = encoder;
    this.labels = names.labels;
    this.words = names.words;
    const empty = encoder.labelled('');
    const prompts = [...data.validation.prompts, ...data.test.prompts, { prefix: empty.prefix, branches: empty.words }];
    this.answerTokens = prompts.reduce((most, prompt) => Math.max(most, branchedCounts(prompt).targets), 1);
  }

  /** Throws settings/invalid for a template that cannot be used, model/missing-tensor where the model cannot write, and the signal's reason. */
  static async create(
    model: ChosenModel,
    dataset: Dataset,
    labels: readonly string[],
    settings: TrainingSettings,
    counting: CountingOptions,
  ): Promise<PromptTask> {
    requireOutput(model);
    const { encoder, words } = promptTools(model, labels, settings);
    const newIndex = dataset.labels.map((label) => labels.indexOf(label));
    const rows = (split: SplitName): SplitTexts => ({
      texts: dataset.texts(split),
      labels: dataset.classes(split).map((label) => newIndex[label] ?? label),
    });
    const splits = { train: rows('train'), validation: rows('validation'), test: rows('test') };
    return new PromptTask(model, await PromptedDataset.encode(splits, encoder, counting), encoder, { labels, words });
  }

  count(split: SplitName): number {
    return split === 'train' ? this.data.train.length : this.data[split].texts.length;
  }

  statistics(): TokenStatistics {
    return this.data.statistics;
  }

  examples(): BatchSource {
    return targetSource(this.data.train);
  }

  trainingCapacity({ perDeviceTrainBatchSize, seed }: TrainingSettings, epochs: number): Counts {
    return targetCapacity(this.data.train, perDeviceTrainBatchSize, seed, epochs);
  }

  graphKey({ maxLength }: TrainingSettings, { targets = 1 }: Counts): string {
    const chunk = chunkFor(targets, this.model.base.vocabularySize);
    return `prompt ${chunk} ${this.answerTokens} ${maxLength}`;
  }

  graphs(settings: SettledSettings, { targets = 1 }: Counts): TaskGraphs {
    const { gradientCheckpointing, fp16, maxLength } = settings;
    const { base } = this.model;
    const plan = bodyPlan(settings, this.model.base);
    const counts = { training: targets, evaluation: 1 };
    const { train, layout } = buildLanguageModelGraphs(base, plan, counts, { gradientCheckpointing, fp16 });
    const scored = { targets: scoredTexts * this.answerTokens, longestTokens: maxLength };
    const evaluate = buildScoringGraph(base, plan, layout, scored);
    return { train, evaluate, layout, fp16, generation: planGeneration(base, plan, layout, maxLength) };
  }

  /** Room for one text of the greatest length, and for as many at once as need no more memory than training does. */
  evaluationCapacity(graphs: TaskGraphs, training: Counts, { maxLength }: TrainingSettings): Counts {
    const prompts = [...this.data.validation.prompts, ...this.data.test.prompts];
    const allowedBytes = arenaBytes(graphs.train, training);
    const roomFor = (texts: number): Required<Counts> => {
      const { tokens, sequences, targets } = scoringCapacity(prompts, texts);
      return {
        tokens: Math.max(tokens, maxLength + this.answerTokens),
        sequences: Math.max(1, sequences),
        targets: Math.max(targets, this.answerTokens),
      };
    };
    for (let texts = scoredTexts; texts > 1; texts = Math.floor(texts / 2)) {
      const room = roomFor(texts);
      if (room.tokens <= scoredTokens && arenaBytes(graphs.evaluate, room) <= allowedBytes) return room;
    }
    return roomFor(1);
  }

  judged(split: SplitName): JudgedSplit {
    return this.promptsOf(split);
  }

  async scores(engine: RunEngine, split: SplitName, _: TrainingSettings, watch: Watch): Promise<Float32Array | null> {
    return scorerOf(engine).scores(this.promptsOf(split).prompts, watch);
  }

  read(text: string): ReadText {
    const { prefix, words, isCut } = this.encoder.labelled(text);
    return {
      tokenCount: prefix.length,
      truncated: isCut,
      scores: async (engine) => (await scorerOf(engine).scores([{ prefix, branches: words }])) ?? new Float32Array(),
    };
  }

  readAll(texts: readonly string[]): ReadTexts {
    const all = texts.map((text) => this.encoder.labelled(text));
    const prompts = all.map(({ prefix, words }) => ({ prefix, branches: words }));
    return {
      cut: all.map(({ isCut }) => isCut),
      scores: async (engine, watch) => scorerOf(engine).scores(prompts, watch),
    };
  }

  answered({ generator }: RunEngine, split: SplitName, settings: TrainingSettings): AnsweredTexts | null {
    if (!generator || !settings.predictWithGenerate) return null;
    const { prompts } = this.promptsOf(split);
    const { tokenizer } = this.model;
    const maxNewTokens = mostWrittenTokens(this.encoder, settings);
    const greedily = { ...greedy, maxNewTokens, stopIds: stopIdsOf(this.model) };
    return {
      rows: evenly(prompts.length, mostAnswered),
      write: async (rows, watch) => {
        const beginnings = rows.map((row) => prompts[row]!.prefix);
        return writeAnswers(generator, beginnings, this.words, tokenizer, greedily, watch);
      },
    };
  }

  weights(): null {
    return null;
  }

  prompt(text: string): Int32Array {
    return this.encoder.labelled(text).prefix;
  }

  private promptsOf(split: SplitName): PromptedSplit {
    if (split === 'train') throw new RangeError('The training texts are not judged.');
    return this.data[split];
  }
}

function scorerOf(engine: RunEngine): AnswerScorer {
  const { tokens, sequences, targets = sequences } = engine.evaluationCapacity;
  return new AnswerScorer(engine.evaluate, { tokens, sequences, targets }, tokensAtOnce(engine));
}

/** What turns rows into tokens by these settings, with the words for the labels. Throws settings/invalid for a bad template. */
export function promptTools(model: ChosenModel, labels: readonly string[], settings: TrainingSettings) {
  const writer = new PromptWriter(settings, chatFormatOf(model, settings));
  const words = labels.map((label) => wordFor(label, settings.labelWords));
  return { words, writer, encoder: new PromptEncoder(model.tokenizer, writer, words, settings.maxLength) };
}

/** Tokens that a free answer has at the most. */
export function mostWrittenTokens(encoder: PromptEncoder, { maxNewTokens }: TrainingSettings): number {
  if (maxNewTokens > 0) return maxNewTokens;
  const { continuations } = encoder.labelled('');
  return spareTokens + continuations.reduce((longest, { length }) => Math.max(longest, length), 1);
}

function chatFormatOf({ tokenizer }: ChosenModel, { useChatFormat }: TrainingSettings) {
  const { chatTemplate, specialTexts } = tokenizer;
  return useChatFormat && chatTemplate !== null ? createChatFormat({ chatTemplate, ...specialTexts }) : null;
}

/** At most `count` of `total` indices, evenly spaced. */
function evenly(total: number, count: number): number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * total) / taken));
}
