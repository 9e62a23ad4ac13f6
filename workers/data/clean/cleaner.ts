import { textSteps, type CleaningSettings, type TextStep } from '../../api/cleaning';
import { stripHtml } from './html';

export const linkWord = '[link]';
export const nameWord = '[name]';

/** Control, format, private and unpaired characters, and U+FFFD; tabs, line breaks and the joiners of scripts and emoji stay. */
const UNSEEN = /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]/gu;
const LINK = /(?<![\p{L}\p{N}])(?:https?:\/\/|www\.)[^\s<>"]+/giu;
/** Not part of an address: "a link (https://example.org/x)." */
const AFTER_LINK = new Set(`.,;:!?'”’»)]}`);
const MENTION = /(?<![\p{L}\p{N}_.@/])@[\p{L}\p{N}_]{1,64}/gu;

const cleaners: Record<TextStep, (text: string) => string> = {
  html: stripHtml,
  control: (text) => text.replace(UNSEEN, ''),
  urls: (text) => text.replace(LINK, shortLink).replace(MENTION, nameWord),
  lowercase: (text) => text.toLowerCase(),
  whitespace: (text) => text.replace(/\s+/g, ' ').trim(),
};

function shortLink(link: string): string {
  let end = link.length;
  while (AFTER_LINK.has(link[end - 1] ?? '')) end -= 1;
  return linkWord + link.slice(end);
}

/** One step on one text. */
export function cleanBy(step: TextStep, text: string): string {
  return cleaners[step](text);
}

/** All steps that are on, in their order; null where none is. */
export function cleanerOf(cleaning: CleaningSettings): ((text: string) => string) | null {
  const steps = textSteps.filter((step) => cleaning[step]);
  if (steps.length === 0) return null;
  return (text) => steps.reduce((cleaned, step) => cleaners[step](cleaned), text);
}

/** Words parted by white space, counted no further than `most`. */
export function countWords(text: string, most: number): number {
  const word = /\S+/g;
  let words = 0;
  while (words < most && word.test(text)) words += 1;
  return words;
}
