import { TuneletError } from '../../api/errors';
import type { DisagreementQuery, Disagreements, ImportedRuns, KeptRun, KeptRuns, RunComparison, RunCourse } from '../../api/runs';
import type { Archive } from '../../api/trainerApi';
import type { KeptData } from '../../runs/details';
import { RunShelf, type NewRun } from '../../runs/runShelf';
import { openFileRoom } from '../../storage/opfsRoom';
import { adapterFolder } from '../run/folderNames';
import type { Judged } from '../run/outcome';
import { reopen } from './reopenedRun';
import { courseOf } from '../run/runCourse';
import { compareRuns, type ComparedRuns } from './runComparison';

const longestName = 200;
const mostDisagreements = 200;

/** A kept run that was opened again. */
export interface ReopenedRun extends Judged {
  run: KeptRun;
  /** What is known of its dataset, which may be gone; null of runs that an earlier version kept. */
  data: KeptData | null;
}

/** Runs that the device keeps. The browser's storage is opened when it is first needed. */
export class RunRoom {
  #opening: Promise<RunShelf> | null = null;
  #compared: { key: string; runs: ComparedRuns } | null = null;

  async keep(run: NewRun): Promise<KeptRun> {
    return (await this.#shelf()).keep(run);
  }

  async list(): Promise<KeptRuns> {
    return (await this.#shelf()).list();
  }

  async entry(id: string): Promise<KeptRun> {
    return (await this.#shelf()).entry(id);
  }

  async open(id: string): Promise<ReopenedRun> {
    const shelf = await this.#shelf();
    const run = await shelf.entry(id);
    const details = await shelf.details(id);
    return { run, data: details.data, ...reopen(run, details) };
  }

  async course(id: string): Promise<RunCourse> {
    const shelf = await this.#shelf();
    return courseOf(await shelf.entry(id), await shelf.details(id));
  }

  /** Throws 'settings/invalid' for a name that is none. */
  async rename(id: string, name: string): Promise<KeptRuns> {
    const trimmed = name.trim();
    if (trimmed === '' || trimmed.length > longestName) {
      throw new TuneletError(
        'settings/invalid',
        `A run’s name has 1 to ${longestName} characters; this one has ${trimmed.length}.`,
        'Enter another name.',
      );
    }
    await (await this.#shelf()).rename(id, trimmed);
    return this.list();
  }

  async remove(id: string): Promise<KeptRuns> {
    this.#compared = null;
    await (await this.#shelf()).remove(id);
    return this.list();
  }

  /** The zip that a download of the run's adapter gave when it ended. */
  async adapter(id: string): Promise<Archive> {
    const shelf = await this.#shelf();
    const [{ name }, blob] = [await shelf.entry(id), await shelf.adapter(id)];
    return { name: `${adapterFolder(name)}.zip`, blob };
  }

  /** Id of the run whose adapter this one began with; null where it began with none. Throws 'run/not-ready' where that is not kept. */
  async beginning({ origin, continuedFrom }: KeptRun): Promise<string | null> {
    if (origin === 'run') return null;
    const { runs } = await this.list();
    if (continuedFrom !== undefined && runs.some(({ id }) => id === continuedFrom)) return continuedFrom;
    throw new TuneletError(
      'run/not-ready',
      'This run went on from an adapter that is not kept on this device, so it cannot begin there again.',
      'Take it with what it has learnt, “From this adapter”.',
    );
  }

  async export(ids: readonly string[]): Promise<Archive> {
    return (await this.#shelf()).export(ids);
  }

  async import(file: File): Promise<ImportedRuns> {
    return (await this.#shelf()).import(file);
  }

  async compare(a: string, b: string): Promise<RunComparison> {
    return (await this.#compare(a, b)).comparison;
  }

  async disagreements({ a, b, judgedBy, offset, count }: DisagreementQuery): Promise<Disagreements> {
    const found = (await this.#compare(a, b)).disagreements[judgedBy];
    const shown = Math.min(count, mostDisagreements);
    return { texts: found.slice(offset, offset + shown), total: found.length };
  }

  /** The last pair is kept, so that turning its pages costs nothing. */
  async #compare(a: string, b: string): Promise<ComparedRuns> {
    const key = `${a} ${b}`;
    if (this.#compared?.key === key) return this.#compared.runs;
    const shelf = await this.#shelf();
    const read = async (id: string) => ({ run: await shelf.entry(id), details: await shelf.details(id) });
    const runs = compareRuns(await read(a), await read(b));
    this.#compared = { key, runs };
    return runs;
  }

  #shelf(): Promise<RunShelf> {
    this.#opening ??= openFileRoom('runs').then((room) => new RunShelf(room));
    return this.#opening;
  }
}
