import type { ClassResult } from '../api/results';
import type { SlicesReport } from '../api/slices';
import { dataLines } from './card/data';
import { frontMatter, type CardSubject } from './card/frontMatter';
import { limitLines } from './card/limits';
import { code, figure, inline } from './card/markdown';
import { classFigures, perClass, slicesTable, textFigures, worstConfusions } from './card/measured';
import { labelLines, promptLines, writtenLines } from './card/prompted';
import { trainingLines } from './card/training';
import { loadingLines, reproducing } from './card/use';
import type { CardRecord } from './trainingLog';

/** README.md of an adapter: front matter that the Hub reads, figures, limits, data, settings, how to load it and how to make it again. */
export function writeModelCard(record: CardRecord, python: string, slices: SlicesReport | null = null): string {
  const { base, settings } = record;
  const kind = settings.useDora ? 'DoRA' : 'LoRA';
  const what = `A ${kind} adapter for ${code(base.name)} that ${purpose(record)}. It was trained in a browser with Tunelet and loads with Hugging Face PEFT.`;
  return writeCard(record, { what, subject: 'adapter', loading: [loadingLines(record), fenced(python)] }, slices);
}

/** README.md of base and adapter as one model. */
export function writeMergedCard(record: CardRecord, python: string, slices: SlicesReport | null = null): string {
  const { base, settings } = record;
  const kind = settings.useDora ? 'DoRA' : 'LoRA';
  const what = `${code(base.name)} with a ${kind} adapter merged into its weights, so that it ${purpose(record)}. It was trained in a browser with Tunelet and loads with Hugging Face transformers alone.`;
  const loading = ['Unpack the archive into a folder and give its name below.', fenced(python)];
  return writeCard(record, { what, subject: 'merged', loading }, slices);
}

/** README.md of the same as a GGUF file. `use`: how it is run, as Markdown. */
export function writeGgufCard(record: CardRecord, use: readonly string[], slices: SlicesReport | null = null): string {
  const { base, settings } = record;
  const kind = settings.useDora ? 'DoRA' : 'LoRA';
  const what = `${code(base.name)} with a ${kind} adapter merged into its weights, so that it ${purpose(record)}. It was trained in a browser with Tunelet; its GGUF file is for llama.cpp and Ollama. The figures below were measured before its numbers were rounded to that file’s type.`;
  return writeCard(record, { what, subject: 'gguf', loading: use }, slices);
}

interface CardForm {
  what: string;
  subject: CardSubject;
  loading: readonly string[];
}

function fenced(python: string): string {
  return `\`\`\`python\n${python}\n\`\`\``;
}

function writeCard(record: CardRecord, { what, subject, loading }: CardForm, slices: SlicesReport | null): string {
  const { data, result } = record;
  const sections = [
    frontMatter(record, subject),
    `# ${inline(result.name)}`,
    what,
    '## Measured',
    ...(result.task === 'text' ? [textFigures(result)] : classSections(record, result, slices)),
    '## Limits',
    limitLines(record, slices),
    '## Data',
    dataLines(record),
    '## Training',
    trainingLines(record),
    '## Loading it',
    ...loading,
    '## Reproducing it',
    reproducing(record),
  ];
  return `${sections.join('\n\n')}\n${data.attribution === null ? '' : `\n## Credit\n\n${inline(data.attribution)}\n`}`;
}

function purpose({ result, labels }: CardRecord): string {
  if (result.task === 'text') return 'writes on in the manner of the texts it was trained on';
  return result.task === 'prompt'
    ? `answers a prompt with one of ${labels.length} labels`
    : `sorts texts into ${labels.length} classes`;
}

function classSections(record: CardRecord, result: ClassResult, slices: SlicesReport | null): string[] {
  const { majority } = result.tuned;
  const isPrompt = result.task === 'prompt';
  const confusions = worstConfusions(result);
  return [
    classFigures(result),
    `Always guessing the most frequent class, ${code(majority.label)}, scores an accuracy of ${figure(majority.share)}.${isPrompt ? '' : ' The base model’s head is untrained, so its figures are what chance and an unlucky start make of them.'}`,
    ...(isPrompt ? [writtenLines(result), '## Prompt', promptLines(record)] : []),
    '## Classes',
    perClass(result),
    ...(confusions === null ? [] : ['The tuned model’s most frequent mistakes:', confusions]),
    ...(slices === null ? [] : ['## Slices', slicesTable(slices)]),
    '## Labels',
    labelLines(record),
  ];
}
