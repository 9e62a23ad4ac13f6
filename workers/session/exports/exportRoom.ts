import { makeZip } from 'client-zip';
import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { Archive, MergedExport } from '../../api/trainerApi';
import { unlessStopped } from '../../api/unlessStopped';
import { openPassingRoom, type PassingRoom } from '../../storage/passingFiles';
import { quotaError } from '../../storage/storageErrors';
import { writeUserFile } from '../../storage/userFile';
import { clusterFiles, type ClusterRun } from './clusterFolder';
import type { Tuned } from '../run/finishedRun';
import { ggufFolder, type GgufFormat } from './gguf/folder';
import { MergedModel, type StreamedFile, type StreamedFolder } from './mergedModel';
import { clusterFolder, mergedFolder } from '../run/folderNames';
import { pacer } from '../pacer';

export const writtenTypes = { float16: 'F16', float32: 'F32' } as const;
/** Zip's own records, and what stands beside the weights. */
const besideBytes = 100e6;

/** Files for others that are too large for memory: they go to a file of the user's, else through the browser's private storage. */
export class ExportRoom {
  readonly #emit: (event: TrainerEvent) => void;
  #exporting: AbortController | null = null;
  #room: Promise<PassingRoom | null> | null = null;

  constructor(emit: (event: TrainerEvent) => void) {
    this.#emit = emit;
  }

  /** Ends the export under way with 'export/cancelled'. */
  cancel(): void {
    this.#exporting?.abort(cancelled());
  }

  /**
   * Base, adapter and head as one zip. Null where it was written into `file`.
   * @throws TuneletError 'session/busy', 'export/cancelled', 'storage/quota', 'storage/unavailable', 'model/too-large', and what reading the base throws
   */
  async merged(
    tuned: Tuned,
    { type, file }: MergedExport & { type: keyof typeof writtenTypes },
    readme: string,
  ): Promise<Archive | null> {
    return this.#write(file, (signal) => {
      const model = new MergedModel(tuned, { type: writtenTypes[type], signal, onProgress: this.#progress() });
      return { name: `${mergedFolder(tuned.inputs.name)}.zip`, files: model.files(readme), sizeBytes: model.sizeBytes };
    });
  }

  /** The same for llama.cpp. Also throws 'export/unsupported' for what that has no place for. */
  async gguf(tuned: Tuned, { type, file }: MergedExport & { type: GgufFormat }): Promise<Archive | null> {
    return this.#write(file, (signal) => ggufFolder(tuned, type, { signal, onProgress: this.#progress() }));
  }

  /**
   * What another machine needs to go on with a run, as one zip; `prepare` finds out what that is.
   * @throws TuneletError 'session/busy', 'export/cancelled', 'storage/quota', what `prepare` throws, and what reading the base throws
   */
  async cluster(prepare: (signal: AbortSignal) => Promise<ClusterRun>): Promise<Archive> {
    return this.#alone(async (signal) => {
      const run = await unlessStopped(prepare(signal), signal);
      return this.#packed(this.#clusterFolder(run, signal), signal);
    });
  }

  #clusterFolder(run: ClusterRun, signal: AbortSignal): StreamedFolder {
    const { model } = run.inputs;
    const tables = Object.values(run.dataset.opened.tables);
    const textBytes = tables.reduce((sum, table) => sum + table.sizeBytes, 0);
    const baseBytes = model.summary.source === 'embedded' ? model.files.sizeBytes : 0;
    const sizeBytes = baseBytes + run.parameters.byteLength + textBytes;
    const files = clusterFiles(run, { signal, onProgress: this.#progress() });
    return { name: `${clusterFolder(run.inputs.name)}.zip`, files, sizeBytes };
  }

  async #write(
    file: FileSystemFileHandle | null,
    begin: (signal: AbortSignal) => StreamedFolder | Promise<StreamedFolder>,
  ): Promise<Archive | null> {
    return this.#alone(async (signal) => {
      const folder = await begin(signal);
      if (!file) return this.#packed(folder, signal);
      await writeUserFile(file, makeZip(stoppable(folder.files, signal)), signal);
      return null;
    });
  }

  async #packed({ name, files, sizeBytes }: StreamedFolder, signal: AbortSignal): Promise<Archive> {
    return { name, blob: await this.#store(name, makeZip(stoppable(files, signal)), sizeBytes) };
  }

  /** One folder at a time. */
  async #alone<Result>(write: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#exporting) throw busy();
    const exporting = new AbortController();
    this.#exporting = exporting;
    try {
      return await write(exporting.signal);
    } finally {
      // What still makes the folder of which nobody takes the rest lets go of the base.
      exporting.abort();
      this.#exporting = null;
    }
  }

  /** What an earlier export left behind goes first: it was downloaded, or nobody wanted it. */
  async #store(name: string, zip: ReadableStream<Uint8Array>, sizeBytes: number): Promise<Blob> {
    this.#room ??= openPassingRoom('exports');
    const room = await this.#room;
    // Where the browser keeps nothing, it holds the pieces itself.
    if (!room) return new Response(zip as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
    await room.clear();
    const { usedBytes, quotaBytes } = await room.use();
    if (sizeBytes + besideBytes > quotaBytes - usedBytes) throw quotaError(name, sizeBytes + besideBytes, quotaBytes - usedBytes);
    return room.store(name, zip);
  }

  #progress(): (doneBytes: number, totalBytes: number) => void {
    const isDue = pacer(100);
    return (doneBytes, totalBytes) => {
      if (isDue() || doneBytes === totalBytes) this.#emit({ kind: 'export-progress', doneBytes, totalBytes });
    };
  }
}

/** The zip's writer waits for a file under way without hearing of the signal: each file breaks by itself. */
async function* stoppable(files: AsyncIterable<StreamedFile>, signal: AbortSignal): AsyncGenerator<StreamedFile> {
  for await (const file of files) {
    signal.throwIfAborted();
    const { input } = file;
    if (typeof input === 'string') yield file;
    else yield { ...file, input: input.pipeThrough(new TransformStream(), { signal }) };
  }
}

function cancelled(): TuneletError {
  return new TuneletError('export/cancelled', 'Writing the files was stopped, as you asked.', 'Start it again when you like.');
}

function busy(): TuneletError {
  return new TuneletError('session/busy', 'A folder is being written already.', 'Wait for it, or stop it first.');
}
