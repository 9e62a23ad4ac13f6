import type { CardEdit } from '../../api/card';
import type { Archive } from '../../api/trainerApi';
import type { PushedFile } from '../../hub/push';
import { openPassingRoom } from '../../storage/passingFiles';
import { quotaError } from '../../storage/storageErrors';
import { filesOf } from './adapterCard';
import type { Tuned } from '../run/finishedRun';
import { ggufFolder, type GgufFormat } from './gguf/folder';
import { MergedModel, type StreamedFile } from './mergedModel';
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

const onlyListed = { signal: new AbortController().signal, onProgress: () => undefined };

/** Base and adapter as one model. */
export function mergedSource(tuned: Tuned, type: 'F16' | 'F32', readme: string): PushSource {
  return {
    title: 'Add the merged model, trained in a browser with Tunelet',
    list: () => new MergedModel(tuned, { ...onlyListed, type }).list(readme),
    make: async (signal, onProgress) => {
      const model = new MergedModel(tuned, { type, signal, onProgress });
      return stored(model.files(readme), model.sizeBytes);
    },
    end: letGo,
  };
}

/**
 * The same for llama.cpp and Ollama.
 * @throws TuneletError 'export/unsupported'
 */
export async function ggufSource(tuned: Tuned, type: GgufFormat, readme: () => string): Promise<PushSource> {
  const { list } = await ggufFolder(tuned, type, onlyListed, readme);
  return {
    title: 'Add the merged model as GGUF, trained in a browser with Tunelet',
    list: () => list,
    make: async (signal, onProgress) => {
      const { files, sizeBytes } = await ggufFolder(tuned, type, { signal, onProgress }, readme);
      return stored(files, sizeBytes);
    },
    end: letGo,
  };
}

/** Weights lie in the browser's private storage while they are sent. */
async function stored(files: AsyncIterable<StreamedFile>, sizeBytes: number): Promise<PushedFile[]> {
  const room = await openPassingRoom('push');
  if (room) {
    const { usedBytes, quotaBytes } = await room.use();
    if (sizeBytes > quotaBytes - usedBytes) throw quotaError('The merged model', sizeBytes, quotaBytes - usedBytes);
  }
  const made: PushedFile[] = [];
  for await (const { name, input } of files) {
    if (typeof input === 'string') made.push({ name, blob: new Blob([input]) });
    // Where the browser keeps nothing, it holds the pieces itself.
    else made.push({ name, blob: room ? await room.store(name, input) : await new Response(input).blob() });
  }
  return made;
}

async function letGo(): Promise<void> {
  const room = await openPassingRoom('push');
  await room?.clear();
}
