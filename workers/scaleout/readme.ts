import { code, inline } from '../lora/card/markdown';
import type { ScaledRun } from './runFile';

/** README.md of the folder: what to do with it, what it does, and in what it is like the tab. */
export function writeReadme(run: ScaledRun): string {
  const sections = [
    `# ${inline(run.name)}, on a bigger machine`,
    `Everything that this run of Tunelet needs to be trained outside the browser, by PyTorch, transformers, PEFT and Accelerate: the cleaned texts, the adapter that it starts from (${startWords[run.start]}), all settings and a program that goes by them.`,
    '## How to run it',
    ...howTo(run),
    '## What is here',
    filesTable(run),
    '## What it does',
    doing(run),
    '## Other data, other settings',
    `The files under ${code('data')} have one row a line, a JSON object with ${run.settings.task === 'text' ? code('text') : `${code('text')} and ${code('label')}`}. Put as many rows there as you like, cleaned in the same way${run.settings.task === 'head' ? ', with the same labels' : ''}: steps, warm-up and evaluations follow from their number, and a row is tokenised when it is needed. Every setting in ${code('run.json')} has its Hugging Face name; those of the adapter itself (${code('r')}, ${code('lora_dropout')}, ${code('target_modules')}…) are read from ${code('adapter/adapter_config.json')} and, but for its dropout, cannot be changed any more.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const startWords = {
  initial: 'before its first step',
  tuned: 'with what the tab has taught it',
  imported: 'the one that was imported',
} as const;

const launches = [
  'accelerate launch --config_file accelerate/ddp.yaml --num_processes 4 train.py         # each card has the whole model',
  'accelerate launch --config_file accelerate/fsdp.yaml --num_processes 4 train.py        # the cards share the model',
  'accelerate launch --config_file accelerate/deepspeed.yaml --num_processes 4 train.py   # the same by ZeRO; pip install deepspeed',
];

function howTo({ base, settings }: ScaledRun): string[] {
  const batch = settings.perDeviceTrainBatchSize * settings.gradientAccumulationSteps;
  return [
    ...(base.source === 'files'
      ? [
          `First put the files of ${code(base.name)} into the folder ${code('base')}: this page does not know a place to get them from.`,
        ]
      : []),
    `\`\`\`sh\npython -m venv venv && . venv/bin/activate\npip install -r requirements.txt\naccelerate launch train.py\n\`\`\``,
    `That takes one graphics card, or the processor (${code('accelerate launch --cpu train.py')}). For more, give one of the configurations here, or what ${code('accelerate config')} writes:`,
    `\`\`\`sh\n${launches.join('\n')}\n\`\`\``,
    `${code('--mixed_precision bf16')} goes with each. On a Slurm cluster: ${code('sbatch train.slurm')}. The program was held against the tab on processors: with one process, with two, and with two that share the model by FSDP and by DeepSpeed (ZeRO 2 and 3). Graphics cards it leaves to Accelerate, so look at the first losses there.`,
    `A step learns from ${batch} texts however many processes share them; each computes as many at once as ${code('per_device_train_batch_size')} says, and the rest in turns. Accumulation and clipping are those of ${code('run.json')} with DeepSpeed, too. With FSDP and DeepSpeed a checkpoint holds the base as well, so mind the space: there are two, the last and the best.`,
    `Started again after an interruption, it goes on from its last checkpoint. ${code('tensorboard --logdir output')} shows it at work. At its end drop ${code('output/adapter.zip')} on the page, under Prepare, and evaluate it there beside the tab’s own.`,
  ];
}

function filesTable({ base, data }: ScaledRun): string {
  const rows: [string, string][] = [
    ['train.py', 'the training, with model.py, rows.py, judge.py and checkpoints.py beside it'],
    ['run.json', 'settings, labels, base model, and where the data come from'],
    ['data/', `train, validation and test: ${data.split.train}, ${data.split.validation} and ${data.split.test} rows`],
    ['adapter/', 'the adapter to start from, as PEFT has it'],
    ...(base.folder === null ? [] : [[`${base.folder}/`, `the base model ${base.name}`] as [string, string]]),
    ['requirements.txt', 'the versions that this was checked with'],
    ['accelerate/', 'configurations for one card, for several, and for a model that several share'],
    ['train.slurm', 'a job for Slurm, to be fitted to your cluster'],
  ];
  return ['| | |', '| --- | --- |', ...rows.map(([name, words]) => `| ${code(name)} | ${inline(words)} |`)].join('\n');
}

function doing({ base, settings }: ScaledRun): string {
  const from =
    base.folder === null
      ? `${base.name}${base.revision === null ? '' : ` at ${base.revision}`} from the Hugging Face Hub`
      : `the folder ${base.folder}`;
  const rounded = settings.weightStorage === 'int8' || settings.weightStorage === 'int4';
  return [
    `The base is read from ${inline(from)}. Order of the rows, loss, clipping, AdamW and schedule are those of the tab, and the base’s own dropout is off, as there. With a ${code('lora_dropout')} of 0 the losses follow the tab’s but for the last digits; with dropout they differ as those of two seeds do.`,
    ...(rounded
      ? [
          `The tab held the frozen weights as ${code(settings.weightStorage)}; here they are not rounded, so its losses differ a little from the first step on.`,
        ]
      : []),
    `The step that judges best on the validation rows is kept${settings.task === 'text' ? '' : ' (by macro-F1)'}, and at the end it is judged on the test rows.`,
  ].join(' ');
}
