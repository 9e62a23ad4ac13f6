import { existsSync, readFileSync } from 'node:fs';
import type { Browser, CDPSession, Page } from '@playwright/test';

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
  readings: number;
  /** Targets read at once. */
  targets: number;
}

type Message = Readonly<Record<string, unknown>>;

/** A debugger's line to a target: the page, a worker, or a worker of a worker, whose messages travel inside its parent's. */
interface Line {
  send(method: string, parameters?: Message): Promise<Message>;
}

const pauseMs = 100;

/** Reads the heaps of a page and of every worker, some times a second, through the browser's debugging protocol. */
export class HeapWatch {
  readonly #lines = new Map<string, Line>();
  readonly #peaks: HeapPeaks = { objectBytes: 0, bufferBytes: 0, heldBytes: 0, readings: 0, targets: 0 };
  #isOver = false;
  #reading: Promise<void> = Promise.resolve();

  /** Before the page opens, so that no worker starts unseen. */
  static async start(page: Page): Promise<HeapWatch> {
    const watch = new HeapWatch();
    const session = await page.context().newCDPSession(page);
    await watch.#watchPage(session);
    watch.#reading = watch.#readOn();
    return watch;
  }

  /** Of everything since the start, or since the last call. */
  takePeaks(): HeapPeaks {
    const peaks = { ...this.#peaks };
    Object.assign(this.#peaks, { objectBytes: 0, bufferBytes: 0, heldBytes: 0, readings: 0, targets: 0 });
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
    this.#lines.set('page', line);
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
        this.#lines.set(sessionId, line);
        void follow(line);
      } else if (method === 'Target.detachedFromTarget') {
        children.get(sessionId)?.end();
        this.#lines.delete(sessionId);
      } else children.get(sessionId)?.receive(String(event['message']));
    };
  }

  async #readOn(): Promise<void> {
    while (!this.#isOver) {
      const lines = [...this.#lines.values()];
      const readings = await Promise.all(lines.map((line) => line.send('Runtime.getHeapUsage').catch(() => ({}))));
      this.#count(readings);
      await new Promise((later) => setTimeout(later, pauseMs));
    }
  }

  #count(readings: readonly Message[]): void {
    const sum = (field: string) => readings.reduce((total, reading) => total + (Number(reading[field]) || 0), 0);
    const [objectBytes, bufferBytes] = [sum('usedSize'), sum('backingStorageSize')];
    const peaks = this.#peaks;
    peaks.objectBytes = Math.max(peaks.objectBytes, objectBytes);
    peaks.bufferBytes = Math.max(peaks.bufferBytes, bufferBytes);
    peaks.heldBytes = Math.max(peaks.heldBytes, objectBytes + bufferBytes);
    peaks.readings += 1;
    peaks.targets = Math.max(peaks.targets, readings.filter((reading) => 'usedSize' in reading).length);
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

/**
 * What the operating system counts for the largest process that draws a page, the executor's own memory included; null where
 * it does not tell.
 */
export async function largestProcessBytes(browser: Browser): Promise<number | null> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id));
  return Math.max(0, ...sizes) || null;
}

function residentBytes(processId: number): number {
  const file = `/proc/${processId}/status`;
  if (!existsSync(file)) return 0;
  return 1024 * Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
}
