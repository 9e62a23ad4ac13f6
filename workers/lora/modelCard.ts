import { toCleaningNames } from '../api/cleaning';
import type { Preparation } from '../api/dataset';
import type { HubDatasetChoice } from '../api/hubDataset';
import { toHuggingFaceNames, writeSetting } from '../api/hyperparameters';
import { wordFor } from '../api/labelWords';
import type { ClassResult, TextResult } from '../api/results';
import type { Slice, SliceGroup, SlicesReport } from '../api/slices';
import type { TrainingRecord } from './trainingLog';

/** README.md of an adapter: front matter that the Hub reads, figures, settings, data, and how to load it. */
export function writeModelCard(record: TrainingRecord, python: string, slices: SlicesReport | null = null): string {
  const { base, data, result } = record;
  const sections = [
    frontMatter(record),
    `# ${inline(result.name)}`,
    `A ${record.settings.useDora ? 'DoRA' : 'LoRA'} adapter for ${code(base.name)} that ${purpose(record)}. It was trained in a browser with Tunelet and loads with Hugging Face PEFT.`,
    '## Measured',
    ...(result.task === 'text' ? [textFigures(result)] : classSections(record, result, slices)),
    '## Data',
    dataLines(record),
    '## Training',
    trainingLines(record),
    '## Loading it',
    loadingLines(record),
    `\`\`\`python\n${python}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n${data.attribution === null ? '' : `\n## Credit\n\n${inline(data.attribution)}\n`}`;
}

function frontMatter({ base, data, result }: TrainingRecord): string {
  return [
    '---',
    `base_model: ${yaml(base.name)}`,
    'library_name: peft',
    ...(data.hub ? ['datasets:', `- ${yaml(data.hub.id)}`] : []),
    `pipeline_tag: ${result.task === 'head' ? 'text-classification' : 'text-generation'}`,
    'tags:',
    `- ${yaml(`base_model:adapter:${base.name}`)}`,
    '- lora',
    '- transformers',
    '- tunelet',
    '---',
  ].join('\n');
}

function purpose({ result, labels }: TrainingRecord): string {
  if (result.task === 'text') return 'writes on in the manner of the texts it was trained on';
  return result.task === 'prompt'
    ? `answers a prompt with one of ${labels.length} labels`
    : `sorts texts into ${labels.length} classes`;
}

function classSections(record: TrainingRecord, result: ClassResult, slices: SlicesReport | null): string[] {
  const { majority } = result.tuned;
  const isPrompt = result.task === 'prompt';
  return [
    figuresTable(result),
    `Always guessing the most frequent class, ${code(majority.label)}, scores an accuracy of ${figure(majority.share)}.${isPrompt ? '' : ' The base model’s head is untrained, so its figures are what chance and an unlucky start make of them.'}`,
    ...(isPrompt ? [writtenLines(result), '## Prompt', promptLines(record)] : []),
    ...(slices === null ? [] : ['## Slices', slicesTable(slices)]),
    '## Labels',
    record.labels.map((label, index) => `- ${index}: ${code(label)}${answeredAs(record, label)}`).join('\n'),
  ];
}

/** By prompt, where the model answers with another word than the label's name. */
function answeredAs({ settings }: TrainingRecord, label: string): string {
  const word = settings.task === 'prompt' ? wordFor(label, settings.labelWords) : label;
  return word === label ? '' : `, answered with ${code(word)}`;
}

function textFigures({ split, tokens, base, tuned }: TextResult): string {
  return [
    `On ${tokens.toLocaleString('en')} tokens of the ${split} split, every one but the first of each block predicted:`,
    '',
    '| | base | tuned |',
    '|---|---:|---:|',
    `| Perplexity | ${figure(base.perplexity)} | ${figure(tuned.perplexity)} |`,
    `| Loss (nats) | ${figure(base.loss)} | ${figure(tuned.loss)} |`,
  ].join('\n');
}

function figuresTable({ task, base, tuned }: ClassResult): string {
  const rows: [string, number, number][] = [
    ['Accuracy', base.accuracy, tuned.accuracy],
    ['Macro-F1', base.macro.f1, tuned.macro.f1],
    ['Weighted F1', base.weighted.f1, tuned.weighted.f1],
    ['Loss (nats)', base.loss, tuned.loss],
  ];
  const [low, high] = tuned.intervals.accuracy;
  return [
    `On ${tuned.count.toLocaleString('en')} texts of the ${tuned.split} split:`,
    '',
    task === 'head' ? '| | base, untrained head | tuned |' : '| | base | tuned |',
    '|---|---:|---:|',
    ...rows.map(([name, before, after]) => `| ${name} | ${figure(before)} | ${figure(after)} |`),
    '',
    `The 95 % interval of the tuned accuracy is ${figure(low)} to ${figure(high)}.`,
  ].join('\n');
}

/** Rows of the card's table of slices; the figures' file has all. */
const mostSlices = 24;

function slicesTable({ groups, split }: SlicesReport): string {
  const rows = groups.flatMap((group) => group.slices.map((slice) => sliceRow(group, slice))).filter((row) => row !== '');
  const left = rows.length - mostSlices;
  return [
    `Parts of the ${split} split, with 95 % intervals of the tuned accuracy. Figures of a few texts say little, so they are marked.`,
    '',
    '| Slice | Texts | Accuracy, base | Accuracy, tuned | Interval | Macro-F1, base | Macro-F1, tuned |',
    '|---|---:|---:|---:|---|---:|---:|',
    ...rows.slice(0, mostSlices),
    ...(left > 0 ? ['', `${left} more ${left === 1 ? 'slice is' : 'slices are'} left out here.`] : []),
  ].join('\n');
}

function sliceRow({ kind, by }: SliceGroup, { value, range, rows, tooFew, base, tuned }: Slice): string {
  if (base === null || tuned === null) return '';
  const name =
    kind === 'length' ? inline(`${value}, ${range ?? ''}`) : kind === 'rule' ? inline(value) : `${code(by)} ${code(value)}`;
  const [low, high] = tuned.intervals.accuracy;
  const interval = `${figure(low)} to ${figure(high)}${tooFew ? ', too few to tell' : ''}`;
  const figures = [base.accuracy, tuned.accuracy].map(figure).join(' | ');
  return `| ${name} | ${rows} | ${figures} | ${interval} | ${figure(base.macroF1)} | ${figure(tuned.macroF1)} |`;
}

/** How the figures came about, and what the models write when they are free to. */
function writtenLines(result: ClassResult): string {
  const scored =
    'Each label was scored by the sum of its tokens’ log-probabilities after the prompt; the likeliest is the answer.';
  if (!result.written) return scored;
  const { base, tuned, unparsed } = result.written;
  const texts = tuned.count.toLocaleString('en');
  return `${scored} Of ${texts} texts that were answered freely, ${figure(unparsed.base)} of the base model’s answers and ${figure(unparsed.tuned)} of the tuned one’s named no label. Judged by these answers, macro-F1 is ${figure(base.macro.f1)} before and ${figure(tuned.macro.f1)} after, accuracy ${figure(base.accuracy)} and ${figure(tuned.accuracy)}.`;
}

function promptLines({ settings }: TrainingRecord): string {
  const { systemText, promptTemplate, useChatFormat } = settings;
  return [
    `- System text: ${systemText === '' ? 'none' : code(systemText)}`,
    `- Template: ${code(promptTemplate.replaceAll('\n', '\u23ce'))}`,
    `- Written as ${useChatFormat ? 'a conversation in the model’s chat format, where it has one' : 'plain text'}`,
  ].join('\n');
}

function dataLines({ data, result }: TrainingRecord): string {
  const { train, validation, test } = data.split;
  const classes = data.labels.map(({ name, count }) => `${code(name)} ${count}`).join(', ');
  return [
    `- ${inline(data.name)}: ${train} texts for training, ${validation} for validation, ${test} for the test`,
    ...(data.hub ? [hubLine(data.hub)] : []),
    `- Split: ${inline(data.splitMethod)}`,
    ...preparationLines(result.preparation),
    ...(result.task === 'text' ? [] : [`- Texts per class: ${classes}`]),
  ].join('\n');
}

/** Which rows of the Hub's, so that others can take the same. */
function hubLine({ id, config, splits, rows, choose }: HubDatasetChoice): string {
  const used = Object.entries(splits).flatMap(([part, split]) => (split === null ? [] : [`${code(split)} as ${part}`]));
  const which = choose === 'spread' ? 'at even distances' : 'from its top';
  const count = rows === null ? 'all rows' : `at most ${rows} rows of each split, ${which}`;
  return `- From the Hugging Face Hub: ${code(id)}, configuration ${code(config)}, ${used.join(', ')}; ${count}`;
}

/** What a text has to go through before it is like those that the adapter learned from. */
function preparationLines({ mapping: { text, textPair, label }, cleaning }: Preparation): string[] {
  const pair = textPair ? `, then ${code(textPair.column)} after ${code(JSON.stringify(textPair.joiner))}` : '';
  const columns = `- Columns: text ${code(text)}${pair}${label === '' ? '' : `, label ${code(label)}`}`;
  const steps = Object.entries(toCleaningNames(cleaning)).map(([name, value]) =>
    code(value === true ? name : `${name}=${value}`),
  );
  if (steps.length === 0) return [columns];
  return [columns, `- Cleaning, which new texts should go through too: ${steps.join(', ')}`];
}

function trainingLines(record: TrainingRecord): string {
  const { result } = record;
  const settings = Object.entries(toHuggingFaceNames(record.settings)).map(
    ([name, value]) => `- ${code(name)}: ${inline(writeSetting(value))}`,
  );
  const ended = result.stopped ? 'stopped by hand' : 'run to its end';
  return [
    `${result.steps} steps, ${ended}, in ${Math.round(result.elapsedSeconds)} seconds on ${inline(record.device)}. The adapter is that of step ${result.bestStep}, the best evaluation.`,
    '',
    ...settings,
    '',
    ...classWeightLines(record),
    ...precisionLines(record),
    `The base model’s own dropouts (\`embd_pdrop\`, \`attn_pdrop\`, \`resid_pdrop\`) were not applied while training; \`lora_dropout\` was. Every loss is the ${result.classWeights ? 'weighted ' : ''}mean over the ${lossUnits[result.task]} of a step, also with gradient accumulation.`,
  ].join('\n');
}

const lossUnits = { head: 'texts', prompt: 'answers’ tokens', text: 'tokens' } as const;

/** Among hundreds of classes, the extremes say what matters. */
const mostWeights = 24;

function classWeightLines({ labels, result }: TrainingRecord): string[] {
  const { classWeights } = result;
  if (classWeights === null) return [];
  const weights = classWeights.map((weight, index) => `${code(labels[index] ?? '')} ${weight.toPrecision(4)}`);
  const [least, most] = [Math.min(...classWeights), Math.max(...classWeights)].map((weight) => weight.toPrecision(4));
  const told = weights.length <= mostWeights ? weights.join(', ') : `from ${least} to ${most}`;
  return [
    `Classes were weighed in the loss by their rarity, as by scikit-learn’s balanced class weights: ${told}. The losses of evaluations are not weighed.`,
    '',
  ];
}

function precisionLines({ settings, result }: TrainingRecord): string[] {
  if (!settings.fp16) return [];
  const skipped =
    result.skippedSteps === 0 ? 'no step was' : `${result.skippedSteps} ${result.skippedSteps === 1 ? 'step was' : 'steps were'}`;
  return [
    `Activations were held as float16, gradients were scaled so that they fit, and ${skipped} skipped for an overflow; the adapter, its gradients and the optimizer were float32.`,
    '',
  ];
}

function loadingLines({ base }: TrainingRecord): string {
  if (base.source === 'hub')
    return `Unpack the archive into a folder and give its name below; the base model comes from the Hub${base.revision === null ? '' : ` at revision ${code(base.revision)}`}.`;
  if (base.source === 'files')
    return `${code(base.name)} came from files of your own: put their folder beside the unpacked archive, and give both names below.`;
  return `${code(base.name)} is on no hub: Tunelet offers its files beside this adapter. Unpack each archive into a folder of its own, side by side, and give their names below.`;
}

function figure(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'not a number';
}

/** Text of others inside a line of Markdown: no markup, no line of its own. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&');
}

/** A code span; its fence is longer than any run of backticks inside. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('|', '¦');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

/** Plain where YAML reads it as the same text, else quoted as JSON, which YAML contains. */
function yaml(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
