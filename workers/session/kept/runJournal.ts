import type { TrainerEvent } from '../../api/events';
import type { StepRecord } from '../../api/steps';
import { isLossSpike, recentCount } from '../../api/lossSpikes';
import { mostMarks, type RunMark } from '../../api/runs';

/** As many as a list of runs shows. */
const mostNotices = 20;
const mostCharacters = 500;

/** What happens in the course of a run, for its record. */
export class RunJournal {
  startedAt = Date.now();
  /** Id of the kept run that it goes on from; null where it is none, or is not known. */
  continuedFrom: string | null = null;
  readonly notices: string[] = [];
  readonly marks: RunMark[] = [];
  /** Of the steps that count so far, as many as a spike is held against. */
  private recent: Pick<StepRecord, 'step' | 'loss'>[] = [];

  begin(continuedFrom: string | null = null): void {
    this.continuedFrom = continuedFrom;
    this.startedAt = Date.now();
    this.notices.length = 0;
    this.marks.length = 0;
    this.recent = [];
  }

  note(event: TrainerEvent): void {
    switch (event.kind) {
      case 'notice':
        return this.notice(event.message);
      case 'run-started':
        if (event.resumed) this.mark({ step: event.resumed.step, kind: 'resumed' });
        return;
      case 'device-wait':
        return this.mark({ step: event.wait.lostAtStep, kind: 'device-lost' });
      case 'went-back':
        this.forgetAfter(event.step);
        return this.mark({ step: event.fromStep, kind: 'went-back' });
      case 'resumed':
        this.forgetAfter(event.step);
        return this.notice(`Training was interrupted and went on after step ${event.step}.`);
      case 'steps':
        for (const record of event.records) this.take(record);
        return;
      default:
    }
  }

  private notice(message: string): void {
    if (this.notices.length < mostNotices) this.notices.push(message.slice(0, mostCharacters));
  }

  /** The same mark is made once, however often it is told. */
  private mark({ step, kind }: RunMark): void {
    if (this.marks.some((mark) => mark.step === step && mark.kind === kind)) return;
    this.marks.push({ step, kind });
    if (this.marks.length > mostMarks) this.marks.shift();
  }

  private take({ step, loss }: StepRecord): void {
    if (!Number.isFinite(loss)) return;
    if (isLossSpike(loss, this.recent.slice(-recentCount).map((record) => record.loss))) this.mark({ step, kind: 'loss-spike' }); // prettier-ignore
    this.recent.push({ step, loss });
    // Twice as many, so that some are left where the run goes back.
    if (this.recent.length > 4 * recentCount) this.recent = this.recent.slice(-2 * recentCount);
  }

  private forgetAfter(step: number): void {
    this.recent = this.recent.filter((record) => record.step <= step);
  }
}
