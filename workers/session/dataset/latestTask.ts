import type { Dataset } from '../../data/dataset';
import type { ChosenModel } from '../model/modelRoom';

interface TaskKey {
  dataset: Dataset;
  model: ChosenModel;
  key: string;
}

/** The task that was made last, asked for again by plan, preview and run. */
export class LatestTask<Task> {
  private held: (TaskKey & { task: Promise<Task> }) | null = null;

  get(wanted: TaskKey, make: () => Promise<Task>): Promise<Task> {
    const { held } = this;
    if (held?.dataset === wanted.dataset && held.model === wanted.model && held.key === wanted.key) return held.task;
    const made = { ...wanted, task: make() };
    this.held = made;
    // Whoever asked hears of it; the next who asks begins anew.
    made.task.catch(() => {
      if (this.held === made) this.held = null;
    });
    return made.task;
  }

  clear(): void {
    this.held = null;
  }
}
