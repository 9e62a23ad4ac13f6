import { beforeEach, expect, test } from 'vitest';
import type { DownloadProgress, HubModelPlan } from '../../workers/api/hub';
import { emptyHub, hubStore, missingBytes, receiveDownload } from './hub';

const plan: HubModelPlan = {
  id: 'owner/name',
  revision: 'main',
  commit: 'c0ffee',
  file: null,
  files: [
    { path: 'config.json', sizeBytes: 10, keptBytes: 10 },
    { path: 'model-00001-of-00002.safetensors', sizeBytes: 100, keptBytes: 0 },
    { path: 'model-00002-of-00002.safetensors', sizeBytes: 50, keptBytes: 0 },
  ],
  totalBytes: 160,
  keptBytes: 10,
  otherFiles: { count: 0, sizeBytes: 0 },
  ggufFiles: [],
  parameterCount: null,
  licence: null,
  isGated: false,
  isFromDevice: false,
  storage: null,
};
const progress: DownloadProgress = {
  id: 'owner/name',
  commit: 'c0ffee',
  file: 'model-00001-of-00002.safetensors',
  loadedBytes: 60,
  totalBytes: 160,
  bytesPerSecond: null,
  secondsLeft: null,
  isOver: false,
};
const kept = () => hubStore.getState().plan?.files.map(({ keptBytes }) => keptBytes);

beforeEach(() => hubStore.setState({ ...emptyHub, plan }));

test('a download moves the figures of its own model, file by file', () => {
  receiveDownload(progress);
  expect([hubStore.getState().download?.loadedBytes, kept()]).toEqual([60, [10, 50, 0]]);
  receiveDownload({ ...progress, loadedBytes: 110 });
  receiveDownload({ ...progress, file: 'model-00002-of-00002.safetensors', loadedBytes: 130 });
  expect(kept()).toEqual([10, 100, 20]);
  expect(missingBytes(hubStore.getState().plan ?? plan)).toBe(30);
});

test('another model’s download is shown and changes no figure; the last word ends it', () => {
  receiveDownload({ ...progress, id: 'another/one' });
  expect([hubStore.getState().download?.id, kept()]).toEqual(['another/one', [10, 0, 0]]);
  receiveDownload({ ...progress, id: 'another/one', isOver: true });
  expect(hubStore.getState().download).toBe(null);
});
