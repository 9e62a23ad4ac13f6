import type { SplitName, TokenStatistics } from '../../api/dataset';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import type { TargetExample } from '../../data/collateTargets';
import { splitNames } from '../../api/splitNames';
import type { Dataset } from '../../data/dataset';
import type { CountingOptions } from '../../data/promptedDataset';
import { textBlocks } from '../../data/textBlocks';
import { tokenStatistics } from '../../data/tokenStatistics';
import type { Counts } from '../../engine/shape';
import type { Watch } from '../../evaluation/watch';
import { TimeSlice } from '../../tokenizer/timeSlice';
import type { BatchSource } from '../../training/examples';
import { LanguageModelEvaluator, type TokenLoss } from '../../training/languageModelEvaluator';
import { buildLanguageModelGraphs, chunkFor } from '../../training/languageModelGraphs';
import { targetCapacity, targetSource } from '../../training/targetExamples';
import type { RunEngine, TaskGraphs } from './runEngine';
import { planGeneration, requireOutput } from './generationPlan';
import type { ChosenModel } from '../model/modelRoom';
import { evaluationCapacityFor, tokensAtOnce } from './evaluationCapacity';
import { bodyPlan, type CorpusTask } from './runTask';

type Blocks = Record<SplitName, readonly TargetExample[]>;

/** Tokens whose logits an evaluation has at a time. */
const evaluatedTokens = 2048;

/** Plain text in blocks of as many tokens as a text may have; every token but a block's first is learned. */
export class TextTask implements CorpusTask {
  readonly name = 'text';
  readonly labels: readonly string[] = [];
  private readonly model: ChosenModel;
  private readonly blocks: Blocks;
  private readonly lengths: Int32Array;
  private readonly maxLength: number;

  private constructor(model: ChosenModel, blocks: Blocks, lengths: Int32Array, maxLength: number) {
    this.model = model;
    this.blocks = blocks;
    this.lengths = lengths;
    this.maxLength = maxLength;
  }

  /** Throws model/missing-tensor where the model cannot write, and the signal's reason. */
  static async create(
    model: ChosenModel,
    dataset: Dataset,
    { maxLength }: TrainingSettings,
    { signal, onProgress }: CountingOptions,
  ): Promise<TextTask> {
    requireOutput(model);
    const { tokenizer } = model;
    const slice = new TimeSlice();
    const totalTexts = splitNames.reduce((sum, split) => sum + dataset.count(split), 0);
    const lengths: number[] = [];
    const blocksOf = async (split: SplitName): Promise<TargetExample[]> => {
      const texts: number[][] = [];
      for (const text of dataset.texts(split)) {
        const ids = tokenizer.encodePlain(text);
        texts.push(ids);
        lengths.push(ids.length);
        if (!slice.isOver()) continue;
        onProgress({ texts: lengths.length, totalTexts });
        await slice.giveWay();
        signal.throwIfAborted();
      }
      return textBlocks(texts, maxLength, tokenizer.endOfTextId).map((ids) => ({ ids, targetStart: 1 }));
    };
    const blocks = { train: await blocksOf('train'), validation: await blocksOf('validation'), test: await blocksOf('test') };
    onProgress({ texts: totalTexts, totalTexts });
    return new TextTask(model, blocks, Int32Array.from(lengths), maxLength);
  }

  count(split: SplitName): number {
    return this.blocks[split].length;
  }

  /** One of those that are trained on. */
  block(index: number): TargetExample {
    const block = this.blocks.train[index];
    if (!block) throw new RangeError(`There is no block ${index}; there are ${this.blocks.train.length}.`);
    return block;
  }

  /** Of whole texts: nothing is cut off, for a text goes on in the next block. */
  statistics(): TokenStatistics {
    return tokenStatistics(this.lengths, Infinity);
  }

  examples(): BatchSource {
    return targetSource(this.blocks.train);
  }

  trainingCapacity({ perDeviceTrainBatchSize, seed }: TrainingSettings, epochs: number): Counts {
    return targetCapacity(this.blocks.train, perDeviceTrainBatchSize, seed, epochs);
  }

  graphKey({ maxLength }: TrainingSettings, { tokens }: Counts): string {
    return `text ${chunkFor(tokens, this.model.base.vocabularySize)} ${maxLength}`;
  }

  graphs(settings: SettledSettings, { tokens }: Counts): TaskGraphs {
    const { gradientCheckpointing, fp16, maxLength } = settings;
    const { base } = this.model;
    const plan = bodyPlan(settings, this.model.base);
    const counts = { training: tokens, evaluation: evaluatedTokens };
    const graphs = buildLanguageModelGraphs(base, plan, counts, { gradientCheckpointing, fp16, everyToken: true });
    return { ...graphs, generation: planGeneration(base, plan, graphs.layout, maxLength) };
  }

  evaluationCapacity(graphs: TaskGraphs, training: Counts, { maxLength }: TrainingSettings): Counts {
    const capacity = evaluationCapacityFor(graphs, training, maxLength);
    return { ...capacity, targets: capacity.tokens };
  }

  async loss(engine: RunEngine, split: SplitName, watch: Watch): Promise<TokenLoss | null> {
    const { tokens, sequences, targets = tokens } = engine.evaluationCapacity;
    const batch = { tokens: tokensAtOnce(engine), sequences, targets };
    return new LanguageModelEvaluator(engine.evaluate, batch).loss(this.blocks[split], watch);
  }

  /** The end of a text that is too long. */
  prompt(text: string): Int32Array {
    return Int32Array.from(this.model.tokenizer.encode(text).slice(-this.maxLength));
  }
}
