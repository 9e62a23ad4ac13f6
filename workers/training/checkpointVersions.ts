import { newerVersion, olderVersion } from './checkpointErrors';
import { isRecord } from '../api/isRecord';

/** Of the files that this code writes. A change of their meaning takes the next number, and a reader of the one before. */
export const checkpointVersion = 2;

/** What makes a header of each earlier version one of the next; a version that is not here is no longer read. */
const readers: ReadonlyMap<number, (header: unknown) => unknown> = new Map([[1, withoutTexts]]);

/** Throws 'checkpoint/version' with the way on, where a Tunelet wrote it that this one cannot follow. */
export function requireKnownVersion(version: number): void {
  if (version > checkpointVersion) throw newerVersion(version, checkpointVersion);
  for (let at = version; at < checkpointVersion; at++) if (!readers.has(at)) throw olderVersion(version, checkpointVersion);
}

/** A parsed header as this version would have written it; what is not as it should be stays for the check that follows. */
export function headerOfThisVersion(header: unknown, version: number): unknown {
  let read = header;
  for (let at = version; at < checkpointVersion; at++) read = readers.get(at)?.(read);
  return read;
}

/** Version 1 held the watched validation texts with every evaluation, and not what both models said of all. */
function withoutTexts(header: unknown): unknown {
  if (!isRecord(header) || !isRecord(header['judge']) || !Array.isArray(header['judge']['told'])) return header;
  const told = header['judge']['told'].map((event: unknown) =>
    isRecord(event) && Array.isArray(event['watched']) ? { ...event, watched: event['watched'].map(withoutText) } : event,
  );
  return { ...header, judge: { ...header['judge'], told, saidStep: null } };
}

function withoutText(watched: unknown): unknown {
  if (!isRecord(watched)) return watched;
  const { text: _, ...rest } = watched;
  return rest;
}
