import type { FileRoom } from '../storage/fileRoom';

/** All manifests of one kind, told by the end of their names, last used first; one that is damaged or refused counts as not there. */
export async function readManifestFiles<Kind extends { lastUsedMs: number }>(
  room: FileRoom,
  suffix: string,
  isManifest: (value: unknown) => value is Kind,
): Promise<Kind[]> {
  const names = (await room.list()).map(({ name }) => name).filter((name) => name.endsWith(suffix));
  const read = await Promise.all(names.map(async (name) => parsed(await (await room.read(name))?.text())));
  return read.filter(isManifest).sort((a, b) => b.lastUsedMs - a.lastUsedMs);
}

/** Undefined where it is no JSON. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
