import type { SplitName, TokenStatistics } from '../../api/dataset';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import type { Counts } from '../../engine/shape';
import type { Watch } from '../../evaluation/watch';
import { Evaluator } from '../../training/evaluator';
import { balancedWeights } from '../../training/classWeights';
import { classifiedSource, type BatchSource } from '../../training/examples';
import { buildClassifierGraphs } from '../../training/graphs';
import type { EncodedDataset } from './encodedDataset';
import type { RunEngine, TaskGraphs } from './runEngine';
import type { ChosenModel } from '../model/modelRoom';
import { evaluationCapacityFor, tokensAtOnce } from './evaluationCapacity';
import { bodyPlan, type JudgedSplit, type ReadText, type ReadTexts, type ClassTask } from './runTask';

/** Classification by a head of its own. */
export class HeadTask implements ClassTask {
  readonly name = 'head';
  readonly labels: readonly string[];
  private readonly model: ChosenModel;
  private readonly encoded: EncodedDataset;

  constructor(model: ChosenModel, encoded: EncodedDataset, labels: readonly string[]) {
    this.model = model;
    this.encoded = encoded;
    this.labels = labels;
  }

  count(split: SplitName): number {
    return this.encoded.count(split);
  }

  statistics({ maxLength }: TrainingSettings): TokenStatistics {
    return this.encoded.statistics(maxLength);
  }

  examples({ maxLength, classWeights }: TrainingSettings): BatchSource {
    return classifiedSource(this.encoded.split('train', maxLength), this.model.padTokenId, this.weights({ classWeights }));
  }

  weights({ classWeights }: Pick<TrainingSettings, 'classWeights'>): Float32Array | null {
    return classWeights === 'balanced' ? balancedWeights(this.encoded.labels('train'), this.labels.length) : null;
  }

  trainingCapacity(settings: TrainingSettings, epochs: number): Counts {
    return this.encoded.trainingCapacity(settings, epochs);
  }

  graphKey({ classWeights }: TrainingSettings): string {
    return `head ${this.labels.length} ${classWeights === 'none' ? 'alike' : 'weighted'}`;
  }

  graphs(settings: SettledSettings): TaskGraphs {
    const { gradientCheckpointing, fp16 } = settings;
    const classWeights = settings.classWeights !== 'none';
    const plan = { ...bodyPlan(settings, this.model.base), labelCount: this.labels.length };
    return buildClassifierGraphs(this.model.base, plan, { gradientCheckpointing, fp16, classWeights });
  }

  evaluationCapacity(graphs: TaskGraphs, training: Counts, { maxLength }: TrainingSettings): Counts {
    return evaluationCapacityFor(graphs, training, maxLength);
  }

  judged(split: SplitName, { maxLength }: TrainingSettings): JudgedSplit {
    return this.encoded.split(split, maxLength);
  }

  async scores(engine: RunEngine, split: SplitName, settings: TrainingSettings, watch: Watch): Promise<Float32Array | null> {
    return this.evaluator(engine).logits(this.encoded.split(split, settings.maxLength), watch);
  }

  read(text: string, { maxLength }: TrainingSettings): ReadText {
    const all = this.model.tokenizer.encode(text);
    const examples = { ids: [Int32Array.from(all.slice(0, maxLength))], labels: Int32Array.of(0) };
    return {
      tokenCount: all.length,
      truncated: all.length > maxLength,
      scores: async (engine) => (await this.evaluator(engine).logits(examples)) ?? new Float32Array(),
    };
  }

  readAll(texts: readonly string[], { maxLength }: TrainingSettings): ReadTexts {
    const all = texts.map((text) => this.model.tokenizer.encode(text));
    const ids = all.map((tokens) => Int32Array.from(tokens.slice(0, maxLength)));
    return {
      cut: all.map(({ length }) => length > maxLength),
      scores: async (engine, watch) => this.evaluator(engine).logits({ ids, labels: new Int32Array(ids.length) }, watch),
    };
  }

  answered(): null {
    return null;
  }

  prompt(): null {
    return null;
  }

  private evaluator(engine: RunEngine): Evaluator {
    const batch = { ...engine.evaluationCapacity, tokens: tokensAtOnce(engine) };
    return new Evaluator(engine.evaluate, batch, this.labels.length, this.model.padTokenId);
  }
}
