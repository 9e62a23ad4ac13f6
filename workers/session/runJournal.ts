import type { TrainerEvent } from '../api/events';

/** As many as a list of runs shows. */
const mostNotices = 20;
const mostCharacters = 500;

/** What happens in the course of a run, for its record. */
export class RunJournal {
  startedAt = Date.now();
  readonly notices: string[] = [];

  begin(): void {
    this.startedAt = Date.now();
    this.notices.length = 0;
  }

  note(event: TrainerEvent): void {
    if (this.notices.length >= mostNotices) return;
    if (event.kind === 'notice') this.notices.push(event.message.slice(0, mostCharacters));
    if (event.kind === 'resumed') this.notices.push(`Training was interrupted and went on after step ${event.step}.`);
  }
}
