import type { CardEdit } from '../api/card';
import type { PushFile } from '../api/push';
import type { Archive } from '../api/trainerApi';
import type { PushedFile } from '../hub/push';
import { openPassingRoom } from '../storage/passingFiles';
import { storeStream } from '../storage/storeStream';
import { quotaError } from '../storage/storageErrors';
import { filesOf } from './adapterCard';
import type { Tuned } from './finishedRun';
import { MergedModel } from './mergedModel';
import type { PushSource } from './pushRoom';

/** The files of the adapter's archive. */
export async function adapterSource(archive: Archive, card: CardEdit): Promise<PushSource> {
  const files = [...(await filesOf(archive, card))].map(([name, bytes]) => ({ name, blob: new Blob([bytes]) }));
  return {
    title: 'Add the adapter, trained in a browser with Tunelet',
    list: () => files.map(({ name, blob }) => ({ name, sizeBytes: blob.size })),
    make: async () => files,
    end: async () => undefined,
  };
}

/** Base and adapter as one model: its weights lie in the browser's private storage while they are sent. */
export function mergedSource(tuned: Tuned, type: 'F16' | 'F32', readme: string): PushSource {
  const list = (): PushFile[] =>
    new MergedModel(tuned, { type, signal: new AbortController().signal, onProgress: () => undefined }).list(readme);
  return {
    title: 'Add the merged model, trained in a browser with Tunelet',
    list,
    make: async (signal, onProgress) => {
      const room = await openPassingRoom('push');
      const model = new MergedModel(tuned, { type, signal, onProgress });
      if (room) {
        const { usedBytes, quotaBytes } = await room.use();
        if (model.sizeBytes > quotaBytes - usedBytes)
          throw quotaError('The merged model', model.sizeBytes, quotaBytes - usedBytes);
      }
      const files: PushedFile[] = [];
      for await (const { name, input } of model.files(readme)) {
        if (typeof input === 'string') files.push({ name, blob: new Blob([input]) });
        // Where the browser keeps nothing, it holds the pieces itself.
        else files.push({ name, blob: room ? await storeStream(room, name, input) : await new Response(input).blob() });
      }
      return files;
    },
    end: async () => {
      const room = await openPassingRoom('push');
      for (const { name } of (await room?.list()) ?? []) await room?.remove(name);
    },
  };
}
