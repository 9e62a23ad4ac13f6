import { TuneletError } from '../../api/errors';
import { longestCard, type CardEdit } from '../../api/card';
import type { Archive } from '../../api/trainerApi';
import { readZip, writeZip } from '../../files/zip';

const cardFile = 'README.md';

/** The adapter's files by name, with the user's card where there is one. @throws TuneletError 'settings/invalid' */
export async function filesOf({ name, blob }: Archive, card: CardEdit = null): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = readZip(new Uint8Array(await blob.arrayBuffer()), name);
  if (card !== null) files.set(cardFile, new TextEncoder().encode(checkedCard(card)));
  return files;
}

/** The same archive with the user's card. @throws TuneletError 'settings/invalid' */
export async function withCard(archive: Archive, card: CardEdit): Promise<Archive> {
  if (card === null) return archive;
  const bytes = writeZip(await filesOf(archive, card));
  return { name: archive.name, blob: new Blob([bytes], { type: archive.blob.type }) };
}

export async function cardOf(archive: Archive): Promise<string> {
  return new TextDecoder().decode((await filesOf(archive)).get(cardFile));
}

/** @throws TuneletError 'settings/invalid' */
export function checkedCard(card: string): string {
  if (card.length <= longestCard) return card;
  throw new TuneletError(
    'settings/invalid',
    `The model card has ${card.length} characters; at most ${longestCard} are taken.`,
    'Shorten it, or put what is long beside it.',
    { setting: 'card' },
  );
}
