import { TuneletError } from '../api/errors';
import type { HubDatasetReference, HubFeature } from '../api/hubDataset';
import { ownValue } from '../api/ownValue';
import { isUnlabelled } from './datasetFeatures';
import type { DatasetServer, ParquetFile, RowsPage } from './datasetServer';
import type { ListedFile } from './listedFile';

/** One configuration of a dataset, as the Hub and its datasets server describe it. */
export interface DatasetListing {
  id: string;
  config: string;
  configs: string[];
  features: HubFeature[];
  splits: ListedSplit[];
  preview: string[][];
  licence: string | null;
  isGated: boolean;
}

export interface ListedSplit {
  name: string;
  rows: number | null;
  /** Null: its rows come a page at a time. */
  files: ListedFile[] | null;
  isPartial: boolean;
  unlabelled: string[];
}

const mostSplits = 200;
/** Of so many splits the first rows are looked at. */
const mostLookedAt = 6;
const previewRows = 3;
const previewCharacters = 400;

/** Asks for all that is to be known of a dataset before its rows. @throws TuneletError 'hub/…' */
export async function listDataset(server: DatasetServer, asked: HubDatasetReference): Promise<DatasetListing> {
  const { licence, isGated } = await server.card();
  const all = await server.splits();
  const configs = [...new Set(all.map(({ config }) => config))];
  const config = configOf(server.id, asked.config, configs);
  const names = all.filter((entry) => entry.config === config).map(({ split }) => split);
  const [described, sizes, parquet] = await Promise.all([
    orWithout(server.features(config), []),
    orWithout(server.sizes(config), new Map<string, number>()),
    orWithout(server.parquetFiles(config), []),
  ]);
  const files = await withChecksums(server, parquet);
  const looks = await Promise.all(names.slice(0, mostLookedAt).map((name) => orWithout(server.firstRows(config, name), null)));
  const features = described.length > 0 ? described : (looks.find((look) => look !== null)?.features ?? []);
  const splits = names.slice(0, mostSplits).map((name, index) => {
    const own = files.filter(({ split }) => split === name);
    return {
      name,
      rows: sizes.get(name) ?? null,
      files: own.length > 0 && own.every(({ file }) => file !== null) ? own.flatMap(({ file }) => file ?? []) : null,
      isPartial: own.some(({ path }) => path.includes('/partial-')),
      unlabelled: unlabelledColumns(features, looks[index] ?? null),
    };
  });
  return {
    id: server.id,
    config,
    configs,
    features,
    splits: await readable(server, splits),
    preview: previewOf(features, looks[0] ?? null),
    licence,
    isGated,
  };
}

function configOf(id: string, asked: string | undefined, configs: readonly string[]): string {
  const config = asked ?? (configs.includes('default') ? 'default' : configs[0]);
  if (config !== undefined && configs.includes(config)) return config;
  const shown = configs.slice(0, 12).join(', ');
  throw new TuneletError(
    'hub/not-found',
    `${id} has no configuration “${(config ?? '').slice(0, 80)}”. It has ${shown}${configs.length > 12 ? ' and others' : ''}.`,
    'Choose one of these.',
    { id, config: (config ?? '').slice(0, 80) },
  );
}

/** What a dataset does not have, or the server cannot make, is done without; a Hub that is silent or overrun is an error all the same. */
async function orWithout<Answer>(question: Promise<Answer>, without: Answer): Promise<Answer> {
  try {
    return await question;
  } catch (thrown) {
    if (thrown instanceof TuneletError && (isMissing(thrown) || isBroken(thrown))) return without;
    throw thrown;
  }
}

function isMissing({ code }: TuneletError): boolean {
  return code === 'hub/bad-response' || code === 'hub/not-found';
}

/** The reason may stand in a header that a page cannot read. */
function isBroken({ code, details }: TuneletError): boolean {
  return code === 'hub/busy' && Number(details['status']) >= 500;
}

/** Files with their checksums; null stands for one that the Hub does not list. */
async function withChecksums(
  server: DatasetServer,
  parquet: readonly ParquetFile[],
): Promise<(ParquetFile & { file: ListedFile | null })[]> {
  const folders = [...new Set(parquet.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))];
  const listed = await Promise.all(
    folders.slice(0, mostSplits).map((folder) => orWithout(server.parquetChecksums(folder), new Map())),
  );
  return parquet.map((entry) => {
    const found = listed.map((files) => files.get(entry.path)).find((file) => file !== undefined);
    const file = found && {
      path: entry.path,
      sizeBytes: found.sizeBytes,
      checksum: { kind: 'sha256' as const, digest: found.sha256 },
    };
    return { ...entry, file: file ?? null };
  });
}

/** Splits of which rows can be had. */
async function readable(server: DatasetServer, splits: ListedSplit[]): Promise<ListedSplit[]> {
  if (splits.every(({ files }) => files !== null)) return splits;
  if (await orWithout(server.hasPages(), false)) return splits;
  const ofFiles = splits.filter(({ files }) => files !== null);
  if (ofFiles.length > 0) return ofFiles;
  throw new TuneletError(
    'hub/bad-response',
    `The Hub has no Parquet files of ${server.id}, and its dataset viewer does not show its rows.`,
    'Choose another dataset. Or download its files from its page and drop them here.',
    { id: server.id },
  );
}

function unlabelledColumns(features: readonly HubFeature[], look: RowsPage | null): string[] {
  if (look === null || look.rows.length === 0) return [];
  return features
    .filter(({ classNames }) => classNames !== null)
    .filter(({ name }) => look.rows.every((row) => isUnlabelled(ownValue(row, name))))
    .map(({ name }) => name);
}

function previewOf(features: readonly HubFeature[], look: RowsPage | null): string[][] {
  return (look?.rows ?? []).slice(0, previewRows).map((row) =>
    features.map(({ name }) => {
      const cell = ownValue(row, name);
      const text = typeof cell === 'string' ? cell : cell === undefined || cell === null ? '' : JSON.stringify(cell);
      return text.slice(0, previewCharacters);
    }),
  );
}
