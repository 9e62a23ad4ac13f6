import type { CardRecord } from '../trainingLog';
import { code } from './markdown';

/** Where the base model's files come from. */
export function loadingLines({ base }: CardRecord): string {
  if (base.source === 'hub')
    return `Unpack the archive into a folder and give its name below; the base model comes from the Hub${base.revision === null ? '' : ` at revision ${code(base.revision)}`}.`;
  if (base.source === 'files')
    return `${code(base.name)} came from files of your own: put their folder beside the unpacked archive, and give both names below.`;
  return `${code(base.name)} is on no hub: Tunelet offers its files beside this adapter. Unpack each archive into a folder of its own, side by side, and give their names below.`;
}

/** How to come to the same adapter again. */
export function reproducing({ base, data, settings, result }: CardRecord): string {
  const model = {
    hub: `${code(base.name)} of the Hugging Face Hub${base.revision === null ? '' : ` at revision ${code(base.revision)}`}`,
    embedded: `${code(base.name)}, which ships with Tunelet`,
    files: `${code(base.name)} from its own files`,
  }[base.source];
  return [
    `1. Open Tunelet and load the data named above${data.hub ? ' by its id' : ''}, with the same columns, cleaning and split (${result.task === 'text' ? 'no labels' : `${data.labels.length} classes`}).`,
    `2. Choose ${model}.`,
    '3. Set the settings listed under Training; `training_log.json` beside this card holds them, and every step’s loss and learning rate, for a program to read.',
    `4. Start. Order of the texts, dropout and start values follow from \`seed\` ${settings.seed}; another device rounds differently, so losses agree to a few digits and figures within their intervals.`,
  ].join('\n');
}
