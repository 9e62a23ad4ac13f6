import { createServer, type Server } from 'node:https';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { datasetListener, type DatasetHost } from '../../workers/testing/datasetHost';
import type { ServedDataset, ServedSplit } from '../../workers/testing/servedDataset';
import { messages } from '../files';
import { selfSignedCertificate } from './certificate';
import { datasetHubPort } from './ports';

/** The browser's own way to the Hub and to its datasets server leads to this machine; nothing in the page knows of it. */
export const datasetLaunchArguments = [
  `--host-resolver-rules=${['huggingface.co', 'datasets-server.huggingface.co', 'cdn-lfs.hf.co']
    .map((host) => `MAP ${host}:443 127.0.0.1:${datasetHubPort}`)
    .join(', ')}`,
  '--ignore-certificate-errors',
];

export interface DatasetHub extends Pick<DatasetHost, 'requests' | 'faults' | 'fileFaults'> {
  /** From now on nobody answers. */
  goAway(): Promise<void>;
}

const text = { dtype: 'string', _type: 'Value' };
const kinds = ['complaint', 'praise', 'question'] as const;

/** Rows whose classes are numbers; `label` null: kept secret. */
function split(
  name: string,
  count: number,
  columns: { text: string; label: readonly string[] | null },
  hasFiles = true,
): ServedSplit {
  const labels = columns.label;
  const rows = messages(count).map(({ text: words, kind }, place) => {
    const label = labels === null ? -1 : labels.length === 2 ? Number(kind === 'praise') : kinds.indexOf(kind);
    return { [columns.text]: words, label, idx: place };
  });
  const columnData = [
    { name: columns.text, data: rows.map((row) => row[columns.text]), type: 'STRING' as const },
    { name: 'label', data: rows.map(({ label }) => label), type: 'INT32' as const },
    { name: 'idx', data: rows.map(({ idx }) => idx), type: 'INT32' as const },
  ];
  return { name, rows, parquet: hasFiles ? [new Uint8Array(parquetWriteBuffer({ columnData }))] : [] };
}

function features(column: string, names: readonly string[]): Record<string, unknown> {
  return { [column]: text, label: { names, _type: 'ClassLabel' }, idx: { dtype: 'int32', _type: 'Value' } };
}

const polarity = ['negative', 'positive'];
const sst2: ServedDataset = {
  id: 'stanfordnlp/sst2',
  licence: 'unknown',
  configs: [
    {
      name: 'default',
      features: features('sentence', polarity),
      splits: [
        split('train', 360, { text: 'sentence', label: polarity }),
        split('validation', 60, { text: 'sentence', label: polarity }),
        split('test', 60, { text: 'sentence', label: null }),
      ],
    },
  ],
};

const ofKinds = (id: string, more: Partial<ServedDataset>, hasFiles: boolean): ServedDataset => ({
  id,
  licence: 'cc-by-4.0',
  configs: [
    {
      name: 'default',
      features: features('text', kinds),
      splits: [split('train', 240, { text: 'text', label: kinds }, hasFiles)],
    },
    { name: 'short', features: features('text', kinds), splits: [split('train', 60, { text: 'text', label: kinds }, hasFiles)] },
  ],
  ...more,
});

/** Plays huggingface.co and datasets-server.huggingface.co with a preset's dataset, one without files, and a gated one. */
export async function startDatasetHub(): Promise<DatasetHub> {
  const datasets = [sst2, ofKinds('someone/unconverted', {}, false), ofKinds('owners/gated-messages', { isGated: true }, true)];
  const { listener, ...played } = datasetListener({
    datasets,
    token: 'hf_mayRead',
    endpoint: () => 'https://huggingface.co',
    hub: { largeFilesAt: 'https://cdn-lfs.hf.co' },
  });
  const server: Server = createServer(selfSignedCertificate('huggingface.co'), listener);
  await new Promise<void>((resolve) => server.listen(datasetHubPort, '127.0.0.1', resolve));
  const goAway = async () => {
    if (!server.listening) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  return { ...played, goAway };
}
