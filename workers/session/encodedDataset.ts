import type { SplitName, TokenStatistics } from '../api/dataset';
import type { Dataset } from '../data/dataset';
import { tokenStatistics } from '../data/tokenStatistics';
import { idsOf, type EncodedTexts } from '../tokenizer/encodeAll';
import type { TextTokenizer } from '../tokenizer/tokenizer';
import type { TrainingSettings } from '../api/settings';
import type { Counts } from '../engine/shape';
import { trainingCapacity, type EncodedExamples } from '../training/examples';

export interface EncodedSplit extends EncodedExamples {
  texts: readonly string[];
}

const splits: readonly SplitName[] = ['train', 'validation', 'test'];

/** A dataset under one tokenizer. Texts are tokenised once, at the model's positions; shorter limits cut views of that. */
export class EncodedDataset {
  private readonly parts: Record<SplitName, { texts: string[]; labels: Int32Array; encoded: EncodedTexts }>;
  private readonly capacities = new Map<string, Counts>();

  private constructor(parts: EncodedDataset['parts']) {
    this.parts = parts;
  }

  static async encode(dataset: Dataset, tokenizer: TextTokenizer, positions: number): Promise<EncodedDataset> {
    const part = async (split: SplitName): Promise<EncodedDataset['parts'][SplitName]> => {
      const examples = dataset.examples(split);
      const texts = examples.map((example) => example.text);
      const encoded = await tokenizer.encodeAll(texts, { maxLength: positions });
      return { texts, labels: Int32Array.from(examples, (example) => example.label), encoded };
    };
    return new EncodedDataset({ train: await part('train'), validation: await part('validation'), test: await part('test') });
  }

  /** The same texts with class i of the dataset as class `newIndex[i]` of another order. */
  relabelled(newIndex: readonly number[]): EncodedDataset {
    const relabel = (part: EncodedDataset['parts'][SplitName]): EncodedDataset['parts'][SplitName] => ({
      ...part,
      labels: part.labels.map((label) => newIndex[label] ?? label),
    });
    const { train, validation, test } = this.parts;
    return new EncodedDataset({ train: relabel(train), validation: relabel(validation), test: relabel(test) });
  }

  count(split: SplitName): number {
    return this.parts[split].texts.length;
  }

  /** The class of each text. */
  labels(split: SplitName): Int32Array {
    return this.parts[split].labels;
  }

  /** The split with texts cut to `maxLength` tokens. */
  split(split: SplitName, maxLength: number): EncodedSplit {
    const { texts, labels, encoded } = this.parts[split];
    return { texts, labels, ids: texts.map((_, index) => idsOf(encoded, index, maxLength)) };
  }

  /** The most tokens and sequences any micro-batch of a run can have; kept, since every order of a long run is looked at. */
  trainingCapacity(
    { maxLength, perDeviceTrainBatchSize, seed }: Pick<TrainingSettings, 'maxLength' | 'perDeviceTrainBatchSize' | 'seed'>,
    epochs: number,
  ): Counts {
    const key = `${maxLength} ${perDeviceTrainBatchSize} ${seed} ${epochs}`;
    const capacity =
      this.capacities.get(key) ?? trainingCapacity(this.split('train', maxLength), perDeviceTrainBatchSize, seed, epochs);
    this.capacities.set(key, capacity);
    return capacity;
  }

  /** Over all splits. */
  statistics(maxLength: number): TokenStatistics {
    const lengths = splits.map((split) => this.parts[split].encoded.lengths);
    const all = new Int32Array(lengths.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of lengths) {
      all.set(part, at);
      at += part.length;
    }
    return tokenStatistics(all, maxLength);
  }
}
