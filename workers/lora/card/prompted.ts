import { wordFor } from '../../api/labelWords';
import type { ClassResult } from '../../api/results';
import type { CardRecord } from '../trainingLog';
import { code, figure } from './markdown';

/** How the figures came about, and what the models write when they are free to. */
export function writtenLines(result: ClassResult): string {
  const scored =
    'Each label was scored by the sum of its tokens’ log-probabilities after the prompt; the likeliest is the answer.';
  if (!result.written) return scored;
  const { base, tuned, unparsed } = result.written;
  const texts = tuned.count.toLocaleString('en');
  return `${scored} Of ${texts} texts that were answered freely, ${figure(unparsed.base)} of the base model’s answers and ${figure(unparsed.tuned)} of the tuned one’s named no label. Judged by these answers, macro-F1 is ${figure(base.macro.f1)} before and ${figure(tuned.macro.f1)} after, accuracy ${figure(base.accuracy)} and ${figure(tuned.accuracy)}.`;
}

/** System text, template and chat format. */
export function promptLines({ settings }: CardRecord): string {
  const { systemText, promptTemplate, useChatFormat } = settings;
  return [
    `- System text: ${systemText === '' ? 'none' : code(systemText)}`,
    `- Template: ${code(promptTemplate.replaceAll('\n', '\u23ce'))}`,
    `- Written as ${useChatFormat ? 'a conversation in the model’s chat format, where it has one' : 'plain text'}`,
  ].join('\n');
}

/** The classes in their order, with the word that answers for each where it is another. */
export function labelLines({ labels, settings }: CardRecord): string {
  return labels
    .map((label, index) => {
      const word = settings.task === 'prompt' ? wordFor(label, settings.labelWords) : label;
      return `- ${index}: ${code(label)}${word === label ? '' : `, answered with ${code(word)}`}`;
    })
    .join('\n');
}
