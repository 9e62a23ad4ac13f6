import type { CDPSession, Page } from '@playwright/test';

/** Bytes at one moment, of the page and all its workers together. */
export interface HeapReading {
  /** JavaScript objects. */
  objectBytes: number;
  /** What array buffers hold outside of the heap, WebAssembly's memories left out. */
  bufferBytes: number;
}

export interface HeapPeaks extends HeapReading {
  /** The most of both at one moment. */
  heldBytes: number;
  /** The most of both at one moment once garbage was collected: what something still holds on to. */
  liveBytes: number;
  readings: number;
  /** Targets read at once. */
  targets: number;
}

type Message = Readonly<Record<string, unknown>>;

/** A debugger's line to a target: the page, a worker, or a worker of a worker, whose messages travel inside its parent's. */
interface Line {
  send(method: string, parameters?: Message): Promise<Message>;
}

const usualPauseMs = 100;
/** A worker that sleeps until it is woken answers nothing meanwhile, and its heap stays as it is. */
const answerMs = 500;

const nothing: HeapPeaks = { objectBytes: 0, bufferBytes: 0, heldBytes: 0, liveBytes: 0, readings: 0, targets: 0 };

/** Reads the heaps of a page and of every worker, some times a second, through the browser's debugging protocol. */
export class HeapWatch {
  readonly #lines = new Map<string, Gauge>();
  #peaks = nothing;
  #isOver = false;
  #reading: Promise<void> = Promise.resolve();

  readonly #pauseMs: number;

  private constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Before the page opens, so that no worker starts unseen. Each reading collects garbage, `pauseMs` after the one before. */
  static async start(page: Page, pauseMs = usualPauseMs): Promise<HeapWatch> {
    const watch = new HeapWatch(pauseMs);
    const session = await page.context().newCDPSession(page);
    await watch.#watchPage(session);
    watch.#reading = watch.#readOn();
    return watch;
  }

  /** Of everything since the start, or since the last call. */
  takePeaks(): HeapPeaks {
    const peaks = this.#peaks;
    this.#peaks = nothing;
    return peaks;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#reading;
  }

  async #watchPage(session: CDPSession): Promise<void> {
    const send = async (method: string, parameters: Message = {}): Promise<Message> =>
      // The protocol's methods are known by name alone here, since those of workers travel as text.
      Object(await Reflect.apply(session.send, session, [method, parameters]));
    const line = { send };
    this.#lines.set('page', new Gauge(line));
    const receive = this.#listen(line);
    session.on('Target.attachedToTarget', (event) => receive('Target.attachedToTarget', Object(event)));
    session.on('Target.detachedFromTarget', (event) => receive('Target.detachedFromTarget', Object(event)));
    session.on('Target.receivedMessageFromTarget', (event) => receive('Target.receivedMessageFromTarget', Object(event)));
    await follow(line);
  }

  /** Opens a line to each worker that the parent's target starts; returns what takes the parent's events. */
  #listen(parent: Line): (method: string, event: Message) => void {
    const children = new Map<string, WorkerLine>();
    return (method, event) => {
      const sessionId = String(event['sessionId']);
      if (method === 'Target.attachedToTarget') {
        const line = new WorkerLine(parent, sessionId);
        line.onEvent = this.#listen(line);
        children.set(sessionId, line);
        this.#lines.set(sessionId, new Gauge(line));
        void follow(line);
      } else if (method === 'Target.detachedFromTarget') {
        children.get(sessionId)?.end();
        this.#lines.delete(sessionId);
      } else children.get(sessionId)?.receive(String(event['message']));
    };
  }

  async #readOn(): Promise<void> {
    while (!this.#isOver) {
      const gauges = [...this.#lines.values()];
      await Promise.all(gauges.map((gauge) => gauge.read()));
      this.#count(gauges);
      await new Promise((later) => setTimeout(later, this.#pauseMs));
    }
  }

  #count(gauges: readonly Gauge[]): void {
    const answered = gauges.flatMap(({ reading }) => reading ?? []);
    const sum = (figure: (reading: HeapReading & { liveBytes: number }) => number) =>
      answered.reduce((total, reading) => total + figure(reading), 0);
    const [objectBytes, bufferBytes] = [sum((reading) => reading.objectBytes), sum((reading) => reading.bufferBytes)];
    const liveBytes = sum((reading) => reading.liveBytes);
    const peaks = this.#peaks;
    this.#peaks = {
      objectBytes: Math.max(peaks.objectBytes, objectBytes),
      bufferBytes: Math.max(peaks.bufferBytes, bufferBytes),
      heldBytes: Math.max(peaks.heldBytes, objectBytes + bufferBytes, liveBytes),
      liveBytes: Math.max(peaks.liveBytes, liveBytes),
      readings: peaks.readings + 1,
      targets: Math.max(peaks.targets, answered.length),
    };
  }
}

/** What one target says of its heap, as of the last time it answered. */
class Gauge {
  /** Null until the first answer. */
  reading: (HeapReading & { liveBytes: number }) | null = null;
  readonly #line: Line;
  #asked: Promise<void> | null = null;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Asks, unless an earlier question is still open, and waits for the answer no longer than `answerMs`. */
  async read(): Promise<void> {
    this.#asked ??= this.#ask().finally(() => (this.#asked = null));
    await Promise.race([this.#asked, new Promise((later) => setTimeout(later, answerMs))]);
  }

  async #ask(): Promise<void> {
    try {
      const before = await this.#usage();
      // A second time, for buffers that the first collection set free are let go of somewhat later.
      const live = [await this.#liveBytes(), await this.#liveBytes()];
      this.reading = { ...before, liveBytes: Math.min(...live) };
    } catch {
      // The target has ended: what it held went with it.
      this.reading = null;
    }
  }

  async #liveBytes(): Promise<number> {
    await this.#line.send('HeapProfiler.collectGarbage');
    const { objectBytes, bufferBytes } = await this.#usage();
    return objectBytes + bufferBytes;
  }

  async #usage(): Promise<HeapReading> {
    const usage = await this.#line.send('Runtime.getHeapUsage');
    return { objectBytes: Number(usage['usedSize']), bufferBytes: Number(usage['backingStorageSize']) };
  }
}

/** Attaches to every worker that a target starts. */
async function follow(line: Line): Promise<void> {
  const parameters = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  // A target that is gone already has nothing to follow.
  await line.send('Target.setAutoAttach', parameters).catch(() => undefined);
}

class WorkerLine implements Line {
  onEvent: (method: string, event: Message) => void = () => undefined;
  readonly #parent: Line;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, { resolve: (result: Message) => void; reject: (error: Error) => void }>();
  #lastId = 0;

  constructor(parent: Line, sessionId: string) {
    this.#parent = parent;
    this.#sessionId = sessionId;
  }

  async send(method: string, parameters: Message = {}): Promise<Message> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    // It may end while the question is still on its way; whoever awaits the answer hears of it.
    answer.catch(() => undefined);
    const message = JSON.stringify({ id, method, params: parameters });
    await this.#parent.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message });
    return answer;
  }

  receive(text: string): void {
    const message: Message = Object(JSON.parse(text));
    const waiting = this.#waiting.get(Number(message['id']));
    if (!waiting) return this.onEvent(String(message['method']), Object(message['params']));
    this.#waiting.delete(Number(message['id']));
    if (message['error'] === undefined) waiting.resolve(Object(message['result']));
    else waiting.reject(new Error(JSON.stringify(message['error'])));
  }

  end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('The worker has ended.'));
    this.#waiting.clear();
  }
}
