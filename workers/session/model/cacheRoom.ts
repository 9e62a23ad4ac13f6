import type { TrainerEvent } from '../../api/events';
import type { HubModelPlan, HubModelReference, KeptModel, KeptModels } from '../../api/hub';
import type { HubAccess } from '../../hub/access';
import { HubLibrary } from '../../hub/hubLibrary';
import type { ListedModel } from '../../hub/search';
import { openFileRoom } from '../../storage/opfsRoom';

/** Models of the Hub, and what the device keeps of them. */
export class CacheRoom {
  readonly #emit: (event: TrainerEvent) => void;
  #opening: Promise<HubLibrary> | null = null;
  #searching: AbortController | null = null;

  constructor(emit: (event: TrainerEvent) => void) {
    this.#emit = emit;
  }

  /** The browser's storage is opened when it is first needed. */
  library(): Promise<HubLibrary> {
    this.#opening ??= openFileRoom('hub').then(
      (room) => new HubLibrary(room, (progress) => this.#emit({ kind: 'download-progress', progress })),
    );
    return this.#opening;
  }

  /** For others who ask the Hub: with the token that the user has given by then. */
  async access(): Promise<() => HubAccess> {
    const library = await this.library();
    return () => library.access;
  }

  /** The search before it is of no use any more, and ends. */
  async search(words: string): Promise<ListedModel[]> {
    this.#searching?.abort();
    const searching = new AbortController();
    this.#searching = searching;
    return (await this.library()).search(words, searching.signal);
  }

  async inspect(asked: HubModelReference): Promise<HubModelPlan> {
    return (await (await this.library()).open(asked)).plan();
  }

  async download(asked: HubModelReference): Promise<HubModelPlan> {
    const repository = await (await this.library()).open(asked);
    await repository.download();
    return repository.plan();
  }

  async cancel(): Promise<void> {
    await (await this.library()).cancelDownloads();
  }

  async kept(): Promise<KeptModels> {
    return (await this.library()).kept();
  }

  async remove(model: Pick<KeptModel, 'id' | 'commit' | 'file'>): Promise<KeptModels> {
    const library = await this.library();
    await library.remove(model);
    return library.kept();
  }

  async setToken(token: string | null): Promise<void> {
    (await this.library()).setToken(token);
  }
}
