import { makeZip } from 'client-zip';
import { TuneletError } from '../api/errors';
import type { TrainerEvent } from '../api/events';
import type { Archive, MergedExport } from '../api/trainerApi';
import { openFileRoom } from '../storage/opfsRoom';
import { storeStream } from '../storage/storeStream';
import type { FileRoom } from '../storage/fileRoom';
import { quotaError } from '../storage/storageErrors';
import { MergedModel } from './mergedModel';
import { mergedFolder, type Outcome } from './outcome';
import { pacer } from './pacer';

export const writtenTypes = { float16: 'F16', float32: 'F32' } as const;
/** Zip's own records, and what stands beside the weights. */
const besideBytes = 100e6;

/** Files for others that are too large for memory: they go to a file of the user's, else through the browser's private storage. */
export class ExportRoom {
  readonly #emit: (event: TrainerEvent) => void;
  #exporting: AbortController | null = null;
  #room: Promise<FileRoom | null> | null = null;

  constructor(emit: (event: TrainerEvent) => void) {
    this.#emit = emit;
  }

  /** Ends the export under way with 'export/cancelled'. */
  cancel(): void {
    this.#exporting?.abort(cancelled());
  }

  /**
   * Base, adapter and head as one zip. Null where it was written into `file`.
   * @throws TuneletError 'session/busy', 'export/cancelled', 'storage/quota', 'model/too-large', and what reading the base throws
   */
  async merged(outcome: Outcome, { type, file }: MergedExport, readme: string): Promise<Archive | null> {
    if (this.#exporting) throw busy();
    const exporting = new AbortController();
    this.#exporting = exporting;
    try {
      const onProgress = this.#progress();
      const model = new MergedModel(outcome, { type: writtenTypes[type], signal: exporting.signal, onProgress });
      const name = `${mergedFolder(outcome.run.inputs.name)}.zip`;
      const zip = makeZip(model.files(readme));
      if (file) {
        await zip.pipeTo(await file.createWritable(), { signal: exporting.signal });
        return null;
      }
      return { name, blob: await this.#store(name, zip, model.sizeBytes) };
    } finally {
      this.#exporting = null;
    }
  }

  /** What an earlier export left behind goes first: it was downloaded, or nobody wanted it. */
  async #store(name: string, zip: ReadableStream<Uint8Array>, sizeBytes: number): Promise<Blob> {
    this.#room ??= openFileRoom('exports');
    const room = await this.#room;
    // Where the browser keeps nothing, it holds the pieces itself.
    if (!room) return new Response(zip as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
    for (const { name: earlier } of await room.list()) await room.remove(earlier);
    const { usedBytes, quotaBytes } = await room.use();
    if (sizeBytes + besideBytes > quotaBytes - usedBytes)
      throw quotaError('The merged model', sizeBytes + besideBytes, quotaBytes - usedBytes);
    return storeStream(room, name, zip);
  }

  #progress(): (doneBytes: number, totalBytes: number) => void {
    const isDue = pacer(100);
    return (doneBytes, totalBytes) => {
      if (isDue() || doneBytes === totalBytes) this.#emit({ kind: 'export-progress', doneBytes, totalBytes });
    };
  }
}

function cancelled(): TuneletError {
  return new TuneletError(
    'export/cancelled',
    'Writing the merged model was stopped, as you asked.',
    'Start it again when you like.',
  );
}

function busy(): TuneletError {
  return new TuneletError('session/busy', 'A merged model is being written already.', 'Wait for it, or stop it first.');
}
