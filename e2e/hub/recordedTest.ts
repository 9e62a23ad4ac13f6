import type { RequestListener } from 'node:http';
import { chromiumLaunchOptions } from '../../scripts/findChromium.mjs';
import { test as base } from '../support';
import { recordingLaunchArguments, startRecordingProxy, type RecordingProxy } from './recordingProxy';

/** All that the browser sends goes through a proxy that plays `playedHosts` and swallows what goes elsewhere. */
export const test = base.extend<{ playedHosts: Readonly<Record<string, RequestListener>>; recorder: RecordingProxy }>({
  playedHosts: async ({ baseURL: _ }, provide) => provide({}),
  recorder: async ({ playedHosts }, provide) => {
    const recorder = await startRecordingProxy(playedHosts);
    await provide(recorder);
    await recorder.close();
  },
  proxy: async ({ recorder }, provide) => provide({ server: recorder.server }),
  launchOptions: [
    async ({ browserName: _ }, provide) => {
      const options = chromiumLaunchOptions();
      await provide({ ...options, args: [...options.args, ...recordingLaunchArguments] });
    },
    { scope: 'worker' },
  ],
  expectedProblems: async ({ playedHosts }, provide) => {
    const hosts = Object.keys(playedHosts).map((host) => host.replaceAll('.', '\\.'));
    await provide(new RegExp(`request to another host: https://(${hosts.join('|')})/|Failed to load resource`));
  },
});
