import { mostBandWords, type WordBands } from '../../../workers/api/slices';

/** The bands as typed, or what is wrong with them. */
export function readBands(texts: Record<keyof WordBands, string>): { bands: WordBands } | { problem: string } {
  const bands = { shortBelow: Number(texts.shortBelow), longAbove: Number(texts.longAbove) };
  for (const key of ['shortBelow', 'longAbove'] as const) {
    const words = bands[key];
    if (texts[key].trim() === '' || !Number.isInteger(words) || words < 1 || words > mostBandWords) {
      return { problem: `A band ends at a whole number of words from 1 to ${mostBandWords.toLocaleString('en')}.` };
    }
  }
  if (bands.shortBelow > bands.longAbove) {
    return { problem: `${bands.shortBelow} is above ${bands.longAbove}: short texts must end before long ones begin.` };
  }
  return { bands };
}
