import type { BrowserContext } from '@playwright/test';
import type { DeviceWait } from '../../workers/api/deviceWait';
import type { TrainerEvent } from '../../workers/api/events';
import type { StepRecord } from '../../workers/api/steps';

/** What the trainer tells the page, heard beside the page: it outlives a page that crashes or is opened again. */
export class TrainerNews {
  readonly events: TrainerEvent[] = [];

  /** Before the page opens. */
  static async hear(context: BrowserContext): Promise<TrainerNews> {
    const news = new TrainerNews();
    await context.exposeFunction('hearTrainer', (text: string) => news.events.push(JSON.parse(text)));
    await context.addInitScript(listenBeside);
    return news;
  }

  /** What was told from the given place on, and is told from now on. */
  since(place: number): TrainerNews {
    const { events } = this;
    const news = new TrainerNews();
    Object.defineProperty(news, 'events', { get: () => events.slice(place) });
    return news;
  }

  /** Of each step, as it was told last. */
  get steps(): ReadonlyMap<number, StepRecord> {
    const records = this.events.flatMap((event) => (event.kind === 'steps' ? event.records : []));
    return new Map(records.map((record) => [record.step, record]));
  }

  /** Losses in the order of steps. */
  get losses(): readonly number[] {
    return [...this.steps.values()].toSorted((a, b) => a.step - b.step).map(({ loss }) => loss);
  }

  get notices(): string {
    return this.events.flatMap((event) => (event.kind === 'notice' ? event.message : [])).join('\n');
  }

  /** Each time that a run told what it waits for. */
  get waits(): readonly DeviceWait[] {
    return this.events.flatMap((event) => (event.kind === 'device-wait' ? event.wait : []));
  }

  get lastStep(): number {
    return Math.max(0, ...this.steps.keys());
  }
}

/** Runs in the page, before its own scripts: Comlink's callbacks come through ports. */
function listenBeside(): void {
  const tell: unknown = Reflect.get(globalThis, 'hearTrainer');
  if (typeof tell !== 'function') return;
  const silent = new Set(['evaluation-progress', 'compile-progress', 'model-progress', 'generated']);
  const hear = ({ data }: MessageEvent): void => {
    const event: unknown = Object(Object(data).argumentList?.[0]).value;
    const { kind }: { kind?: unknown } = Object(event);
    if (typeof kind === 'string' && !silent.has(kind)) tell(JSON.stringify(event));
  };
  const { addEventListener } = MessagePort.prototype;
  Reflect.defineProperty(MessagePort.prototype, 'addEventListener', {
    value(this: MessagePort, ...parameters: Parameters<typeof addEventListener>) {
      if (parameters[0] === 'message') addEventListener.call(this, 'message', hear as EventListener);
      addEventListener.apply(this, parameters);
    },
  });
}
