import type { ExtremeText, SplitName, TokenStatistics } from '../../api/dataset';
import type { Dataset, TextList } from '../../data/dataset';
import { tokenStatistics, type TextFindings } from '../../data/tokenStatistics';
import { idsOf, type EncodeAllOptions, type EncodedTexts } from '../../tokenizer/encodeAll';
import type { TextTokenizer } from '../../tokenizer/tokenizer';
import type { TrainingSettings } from '../../api/settings';
import type { Counts } from '../../engine/shape';
import { trainingCapacity, type EncodedExamples } from '../../training/examples';

export interface EncodedSplit extends EncodedExamples {
  /** Decoded when they are asked for. */
  readonly texts: readonly string[];
}

interface Part {
  texts: TextList;
  labels: Int32Array;
  encoded: EncodedTexts;
}

/** Of the longest text, enough to tell what it is. */
const extremeCharacters = 400;

const splits: readonly SplitName[] = ['train', 'validation', 'test'];

/** A dataset under one tokenizer. Texts are tokenised once, at the model's positions; shorter limits cut views of that. */
export class EncodedDataset {
  private readonly parts: Record<SplitName, Part>;
  private readonly capacities = new Map<string, Counts>();

  private readonly unknownIds: ReadonlySet<number>;
  private findings: TextFindings | null = null;

  private constructor(parts: EncodedDataset['parts'], unknownIds: ReadonlySet<number>) {
    this.parts = parts;
    this.unknownIds = unknownIds;
  }

  /** `onProgress` hears of the texts of all splits together. Throws the signal's reason when it is aborted. */
  static async encode(
    dataset: Dataset,
    tokenizer: TextTokenizer,
    positions: number,
    { onProgress, signal }: Omit<EncodeAllOptions, 'maxLength'> = {},
  ): Promise<EncodedDataset> {
    const totalTexts = splits.reduce((sum, split) => sum + dataset.count(split), 0);
    let before = 0;
    const part = async (split: SplitName): Promise<Part> => {
      const texts = dataset.texts(split);
      const encoded = await tokenizer.encodeAll(texts, {
        maxLength: positions,
        onProgress: (progress) => onProgress?.({ texts: before + progress.texts, totalTexts }),
        ...(signal ? { signal } : {}),
      });
      before += texts.length;
      return { texts, labels: dataset.classes(split), encoded };
    };
    const parts = { train: await part('train'), validation: await part('validation'), test: await part('test') };
    return new EncodedDataset(parts, tokenizer.unknownIds);
  }

  /** The same texts with class i of the dataset as class `newIndex[i]` of another order. */
  relabelled(newIndex: readonly number[]): EncodedDataset {
    const relabel = (part: Part): Part => ({
      ...part,
      labels: part.labels.map((label) => newIndex[label] ?? label),
    });
    const { train, validation, test } = this.parts;
    return new EncodedDataset({ train: relabel(train), validation: relabel(validation), test: relabel(test) }, this.unknownIds);
  }

  count(split: SplitName): number {
    return this.parts[split].texts.length;
  }

  /** Tokens of each text before cutting. */
  lengths(split: SplitName): Int32Array {
    return this.parts[split].encoded.lengths;
  }

  /** The class of each text. */
  labels(split: SplitName): Int32Array {
    return this.parts[split].labels;
  }

  /** The split with texts cut to `maxLength` tokens. */
  split(split: SplitName, maxLength: number): EncodedSplit {
    const { texts, labels, encoded } = this.parts[split];
    let decoded: readonly string[] | null = null;
    return {
      get texts() {
        return (decoded ??= [...texts]);
      },
      labels,
      ids: Array.from({ length: texts.length }, (_, index) => idsOf(encoded, index, maxLength)),
    };
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

  /** The longest and the shortest text, and how much the tokenizer does not know. */
  private findAll(): TextFindings {
    let tokens = 0;
    let unknown = 0;
    let longest: { part: Part; index: number } | null = null;
    let shortest: { part: Part; index: number } | null = null;
    for (const split of splits) {
      const part = this.parts[split];
      const { ids, lengths } = part.encoded;
      tokens += ids.length;
      if (this.unknownIds.size > 0) for (const id of ids) unknown += Number(this.unknownIds.has(id));
      lengths.forEach((length, index) => {
        if (longest === null || length > longest.part.encoded.lengths[longest.index]!) longest = { part, index };
        if (shortest === null || length < shortest.part.encoded.lengths[shortest.index]!) shortest = { part, index };
      });
    }
    const told = ({ part, index }: { part: Part; index: number }): ExtremeText => ({
      text: part.texts.at(index).slice(0, extremeCharacters),
      tokens: part.encoded.lengths[index]!,
    });
    return {
      coverage: { tokens, unknown },
      extremes: longest && shortest ? { longest: told(longest), shortest: told(shortest) } : null,
    };
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
    return tokenStatistics(all, maxLength, (this.findings ??= this.findAll()));
  }
}
