import type { DisagreementQuery, Disagreements, ImportedRuns, KeptRuns, RunComparison, RunCourse } from '../api/runs';
import type { Archive } from '../api/trainerApi';
import { RunRoom } from './kept/runRoom';
import { SourceCommands } from './sourceCommands';

/** The page's commands about kept runs that need no device. */
export class RunCommands extends SourceCommands {
  protected readonly keptRuns = new RunRoom();

  async listRuns(): Promise<KeptRuns> {
    return this.keptRuns.list();
  }

  async courseOfRun(id: string): Promise<RunCourse> {
    return this.keptRuns.course(id);
  }

  async renameRun(id: string, name: string): Promise<KeptRuns> {
    return this.keptRuns.rename(id, name);
  }

  async deleteRun(id: string): Promise<KeptRuns> {
    return this.keptRuns.remove(id);
  }

  async adapterOfRun(id: string): Promise<Archive> {
    return this.keptRuns.adapter(id);
  }

  async exportRuns(ids: string[]): Promise<Archive> {
    return this.keptRuns.export(ids);
  }

  async importRuns(file: File): Promise<ImportedRuns> {
    return this.keptRuns.import(file);
  }

  async compareRuns(a: string, b: string): Promise<RunComparison> {
    return this.keptRuns.compare(a, b);
  }

  async disagreements(query: DisagreementQuery): Promise<Disagreements> {
    return this.keptRuns.disagreements(query);
  }
}
