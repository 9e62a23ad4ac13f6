import type { HubDatasetChoice } from '../../workers/api/hubDataset';
import type { TrainingSettings } from '../../workers/api/settings';

/** A dataset of the Hub with what is known to work on it. Settings that are not named follow the page's defaults. */
export interface DatasetPreset {
  id: string;
  config: string;
  title: string;
  /** What is in it. */
  words: string;
  splits: HubDatasetChoice['splits'];
  text: string;
  label: string;
  rows: number | null;
  settings: Partial<TrainingSettings>;
  /** The model that its settings are meant for. */
  model: { id: string; words: string };
  /** What the user should know of its splits. */
  note: string | null;
}

const gpt2 = { id: 'openai-community/gpt2', words: '124 M parameters, 548 MB' };

const withHead: Partial<TrainingSettings> = {
  task: 'head',
  numTrainEpochs: 1,
  maxSteps: -1,
  r: 8,
  loraAlpha: 16,
  loraDropout: 0.1,
  maxGradNorm: 1,
};

export const datasetPresets: readonly DatasetPreset[] = [
  {
    id: 'stanfordnlp/sst2',
    config: 'default',
    title: 'SST-2',
    words: 'Phrases of film reviews, negative or positive.',
    splits: { train: 'train', validation: null, test: 'validation' },
    text: 'sentence',
    label: 'label',
    rows: null,
    settings: { ...withHead, maxLength: 64 },
    model: gpt2,
    note: 'The labels of its test split are kept secret: they all say -1. So its validation split is the test set.',
  },
  {
    id: 'stanfordnlp/imdb',
    config: 'plain_text',
    title: 'IMDb',
    words: 'Whole film reviews, negative or positive.',
    splits: { train: 'train', validation: null, test: 'test' },
    text: 'text',
    label: 'label',
    rows: 2500,
    settings: { ...withHead, maxLength: 256 },
    model: gpt2,
    note: 'Its rows are sorted by class, so 2,500 of them are taken at even distances.',
  },
  {
    id: 'cornell-movie-review-data/rotten_tomatoes',
    config: 'default',
    title: 'Rotten Tomatoes',
    words: 'Sentences of film reviews, negative or positive.',
    splits: { train: 'train', validation: 'validation', test: 'test' },
    text: 'text',
    label: 'label',
    rows: null,
    settings: { ...withHead, maxLength: 128 },
    model: gpt2,
    note: null,
  },
  {
    id: 'cardiffnlp/tweet_eval',
    config: 'sentiment',
    title: 'TweetEval',
    words: 'Tweets: negative, neutral or positive. The model answers in words.',
    splits: { train: 'train', validation: 'validation', test: 'test' },
    text: 'text',
    label: 'label',
    rows: 1200,
    settings: {
      task: 'prompt',
      systemText: 'Answer with one word: negative, neutral or positive.',
      promptTemplate: '{text}\n{label}',
      useChatFormat: true,
      learningRate: 5e-4,
      perDeviceTrainBatchSize: 16,
      maxSteps: 150,
      evalSteps: 50,
      maxGradNorm: 1,
      lrSchedulerType: 'linear',
      warmupSteps: 0,
      r: 8,
      loraAlpha: 16,
      loraDropout: 0.05,
      targetModules: ['k_proj', 'v_proj'],
      maxLength: 256,
    },
    model: {
      id: 'HuggingFaceTB/SmolLM2-135M-Instruct',
      words: '135 M parameters, 269 MB',
    },
    note: 'Of each split 1,200 tweets are taken, at even distances: judging answers in words takes longer than learning them.',
  },
];
