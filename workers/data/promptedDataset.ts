import type { SplitName, TokenStatistics } from '../api/dataset';
import { TimeSlice } from '../tokenizer/timeSlice';
import type { BranchedText } from './collateBranches';
import type { TargetExample } from './collateTargets';
import type { TextList } from './dataset';
import type { PromptEncoder } from './promptEncoding';
import { tokenStatistics } from './tokenStatistics';

/** The texts of a split as they lie in the dataset, with their labels in the encoder's order. */
export interface SplitTexts {
  texts: TextList;
  labels: Int32Array;
}

/** How the counting of tokens, which may take long, is told and ended. */
export interface CountingOptions {
  signal: AbortSignal;
  /** Of the texts of all splits together. */
  onProgress: (progress: { texts: number; totalTexts: number }) => void;
}

/** Texts of a split as prompts whose labels are to be scored. */
export interface PromptedSplit {
  texts: readonly string[];
  labels: Int32Array;
  prompts: readonly BranchedText[];
}

/** A dataset as prompts: those to learn from with their answer, those to judge by with every label as a branch. */
export class PromptedDataset {
  readonly train: readonly TargetExample[];
  readonly validation: PromptedSplit;
  readonly test: PromptedSplit;
  /** Of whole prompts with their answers, after cutting. */
  readonly statistics: TokenStatistics;

  private constructor(parts: Pick<PromptedDataset, 'train' | 'validation' | 'test' | 'statistics'>) {
    this.train = parts.train;
    this.validation = parts.validation;
    this.test = parts.test;
    this.statistics = parts.statistics;
  }

  /** Throws settings/invalid where the template alone is longer than the encoder's limit, and the signal's reason when it is aborted. */
  static async encode(
    rows: Record<SplitName, SplitTexts>,
    encoder: PromptEncoder,
    { signal, onProgress }: CountingOptions,
  ): Promise<PromptedDataset> {
    const slice = new TimeSlice();
    const totalTexts = Object.values(rows).reduce((sum, { texts }) => sum + texts.length, 0);
    const breathe = async (): Promise<void> => {
      if (!slice.isOver()) return;
      onProgress({ texts: lengths.length, totalTexts });
      await slice.giveWay();
      signal.throwIfAborted();
    };
    const lengths: number[] = [];
    let truncated = 0;
    const train: TargetExample[] = [];
    for (let index = 0; index < rows.train.texts.length; index += 1) {
      const { ids, answerStart, isCut } = encoder.answered(rows.train.texts.at(index), rows.train.labels[index]!);
      train.push({ ids, targetStart: answerStart });
      lengths.push(ids.length);
      truncated += Number(isCut);
      await breathe();
    }
    const judged = async (split: SplitName): Promise<PromptedSplit> => {
      const { texts, labels } = rows[split];
      const read: string[] = [];
      const prompts: BranchedText[] = [];
      for (const text of texts) {
        const { prefix, words, continuations, isCut } = encoder.labelled(text);
        const label = labels[read.length]!;
        read.push(text);
        prompts.push({ prefix, branches: words });
        lengths.push(prefix.length + (continuations[label]?.length ?? 0));
        truncated += Number(isCut);
        await breathe();
      }
      return { texts: read, labels, prompts };
    };
    const [validation, test] = [await judged('validation'), await judged('test')];
    onProgress({ texts: totalTexts, totalTexts });
    const statistics = { ...tokenStatistics(Int32Array.from(lengths), Infinity), truncated };
    return new PromptedDataset({ train, validation, test, statistics });
  }
}
