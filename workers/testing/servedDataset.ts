import { createHash } from 'node:crypto';

/** A dataset of the test server, one configuration after another. */
export interface ServedDataset {
  id: string;
  isGated?: boolean;
  licence?: string;
  configs: ServedConfig[];
}

export interface ServedConfig {
  name: string;
  /** By column, as the datasets library writes them. */
  features: Record<string, unknown>;
  splits: ServedSplit[];
}

export interface ServedSplit {
  name: string;
  rows: Record<string, unknown>[];
  /** Its Parquet files; none: the Hub could not convert it. */
  parquet: Uint8Array[];
}

interface ServedFile {
  path: string;
  split: string;
  bytes: Uint8Array;
  digest: string;
}

export function filesOf(dataset: ServedDataset): ServedFile[] {
  return dataset.configs.flatMap((config) =>
    config.splits.flatMap(({ name, parquet }) =>
      parquet.map((bytes, index) => ({
        path: `${config.name}/${name}/${String(index).padStart(4, '0')}.parquet`,
        split: name,
        bytes,
        digest: createHash('sha256').update(bytes).digest('hex'),
      })),
    ),
  );
}

/** What the datasets server says of it at its endpoints of these names. */
export function splitsOf({ id, configs }: ServedDataset): object[] {
  return configs.flatMap(({ name, splits }) => splits.map((split) => ({ dataset: id, config: name, split: split.name })));
}

export function infoOf({ id }: ServedDataset, { name, features, splits }: ServedConfig): object {
  const counts = splits.map((split) => [
    split.name,
    { name: split.name, num_bytes: 1000, num_examples: split.rows.length, dataset_name: null },
  ]);
  return {
    dataset_info: {
      description: '',
      citation: '',
      homepage: '',
      license: '',
      features,
      builder_name: 'parquet',
      dataset_name: id.split('/').at(-1),
      config_name: name,
      version: { version_str: '0.0.0', major: 0, minor: 0, patch: 0 },
      splits: Object.fromEntries(counts),
      download_size: 1000,
      dataset_size: 1000,
    },
    partial: false,
  };
}

export function sizeOf({ id }: ServedDataset, { name, features, splits }: ServedConfig): object {
  const common = { dataset: id, config: name, num_columns: Object.keys(features).length, num_bytes_memory: 1000 };
  const rows = splits.reduce((sum, split) => sum + split.rows.length, 0);
  return {
    size: {
      config: { ...common, num_bytes_original_files: 1000, num_bytes_parquet_files: 1000, num_rows: rows },
      splits: splits.map((split) => {
        const parquetBytes = split.parquet.reduce((sum, bytes) => sum + bytes.length, 0);
        return { ...common, split: split.name, num_bytes_parquet_files: parquetBytes, num_rows: split.rows.length };
      }),
    },
    pending: [],
    failed: [],
    partial: false,
  };
}
