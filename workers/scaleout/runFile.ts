import type { SplitName, Preparation } from '../api/dataset';
import { toHuggingFaceNames } from '../api/hyperparameters';
import { toPreparationNames } from '../api/preparation';
import type { SettledSettings } from '../api/settings';
import type { TrainingRecord } from '../lora/trainingLog';

/** What a run goes on with: as it begins, with what it has learnt, or with an adapter that was brought. */
export type StartAdapter = 'initial' | 'tuned' | 'imported';

/** A run that is to be computed elsewhere. */
export interface ScaledRun {
  name: string;
  /** Classes in the head's order; none for plain text. */
  labels: readonly string[];
  padTokenId: number;
  /** What closes texts and answers; null where the tokenizer has nothing. */
  endOfTextId: number | null;
  settings: SettledSettings;
  /** What each class weighs in the loss; null where all weigh the same. */
  classWeights: readonly number[] | null;
  base: TrainingRecord['base'] & {
    /** In this folder; null where it is on the Hub. */
    folder: string | null;
    /** The GGUF file that has the base, or null for safetensors. */
    ggufFile: string | null;
  };
  start: StartAdapter;
  data: TrainingRecord['data'] & {
    preparation: Preparation;
    /** Of splits, texts and labels. */
    fingerprint: string;
  };
}

/** run.json: all that train.py goes by. It reads as a training log, too, which is what train.py writes beside the adapter. */
export function writeRunFile({ settings, base, data, ...run }: ScaledRun): string {
  const json = {
    format: 'tunelet run 1',
    name: run.name,
    task: settings.task,
    labels: run.labels,
    pad_token_id: run.padTokenId,
    end_of_text_id: run.endOfTextId,
    max_length: settings.maxLength,
    base: {
      name: base.name,
      source: base.source,
      revision: base.revision,
      licence: base.licence,
      folder: base.folder,
      gguf_file: base.ggufFile,
    },
    settings: toHuggingFaceNames(settings),
    base_dropout: 0,
    class_weights: run.classWeights,
    adapter: run.start,
    data: {
      name: data.name,
      attribution: data.attribution,
      hub: data.hub,
      labels: data.labels,
      split: data.split,
      split_method: data.splitMethod,
      preparation: toPreparationNames(data.preparation),
      fingerprint: data.fingerprint,
    },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Rows of one split as train.py reads them. */
export function splitPath(split: SplitName): string {
  return `data/${split}.jsonl`;
}
