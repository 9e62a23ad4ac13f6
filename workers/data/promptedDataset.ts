import type { SplitName, TokenStatistics } from '../api/dataset';
import { TimeSlice } from '../tokenizer/timeSlice';
import type { BranchedText } from './collateBranches';
import type { TargetExample } from './collateTargets';
import type { LabelledText } from './dataset';
import type { PromptEncoder } from './promptEncoding';
import { tokenStatistics } from './tokenStatistics';

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

  /** Throws settings/invalid where the template alone is longer than the encoder's limit. */
  static async encode(rows: (split: SplitName) => readonly LabelledText[], encoder: PromptEncoder): Promise<PromptedDataset> {
    const slice = new TimeSlice();
    const breathe = async (): Promise<void> => void (slice.isOver() && (await slice.giveWay()));
    const lengths: number[] = [];
    let truncated = 0;
    const train: TargetExample[] = [];
    for (const { text, label } of rows('train')) {
      const { ids, answerStart, isCut } = encoder.answered(text, label);
      train.push({ ids, targetStart: answerStart });
      lengths.push(ids.length);
      truncated += Number(isCut);
      await breathe();
    }
    const judged = async (split: SplitName): Promise<PromptedSplit> => {
      const examples = rows(split);
      const prompts: BranchedText[] = [];
      for (const { text, label } of examples) {
        const { prefix, words, continuations, isCut } = encoder.labelled(text);
        prompts.push({ prefix, branches: words });
        lengths.push(prefix.length + (continuations[label]?.length ?? 0));
        truncated += Number(isCut);
        await breathe();
      }
      return { texts: examples.map(({ text }) => text), labels: Int32Array.from(examples, ({ label }) => label), prompts };
    };
    const [validation, test] = [await judged('validation'), await judged('test')];
    const statistics = { ...tokenStatistics(Int32Array.from(lengths), Infinity), truncated };
    return new PromptedDataset({ train, validation, test, statistics });
  }
}
