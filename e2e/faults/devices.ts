import type { Page, Worker } from '@playwright/test';

/** What the worker does with the device; each happens many times in a step. */
export type Moment = 'submit' | 'readback' | 'upload';

/** The trainer's worker, of which a page has one. */
export async function trainerWorker(page: Page): Promise<Worker> {
  const isTrainer = (worker: Worker) => /trainer/.test(worker.url());
  return page.workers().find(isTrainer) ?? page.waitForEvent('worker', { predicate: isTrainer });
}

/** From now on devices that the worker opens can be lost, as a driver that resets itself takes them away; before a run starts. */
export async function watchDevices(page: Page): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(() => {
    const devices: GPUDevice[] = [];
    const countdowns: Record<string, number> = {};
    Object.assign(globalThis, { faults: { devices, countdowns } });
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function keep(descriptor) {
      const device = await requestDevice.call(this, descriptor);
      devices.push(device);
      return device;
    };
    /** Counts down the calls of a method; at none left, the device goes in the middle of the call. */
    const loseIn = (prototype: object, method: string, moment: string): void => {
      const original: unknown = Reflect.get(prototype, method);
      if (typeof original !== 'function') throw new TypeError(`There is no ${method}.`);
      Reflect.set(prototype, method, function counted(this: unknown, ...parameters: unknown[]): unknown {
        const left = countdowns[moment];
        if (left !== undefined) countdowns[moment] = left - 1;
        const answer: unknown = Reflect.apply(original, this, parameters);
        if (left === 0) devices.at(-1)?.destroy();
        return answer;
      });
    };
    loseIn(GPUQueue.prototype, 'submit', 'submit');
    loseIn(GPUQueue.prototype, 'writeBuffer', 'upload');
    loseIn(GPUBuffer.prototype, 'mapAsync', 'readback');
  });
}

/** The device goes after as many more calls of that kind. */
export async function loseDeviceAt(page: Page, moment: Moment, callsBefore = 0): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(
    ({ moment: name, calls }) => {
      const faults: unknown = Reflect.get(globalThis, 'faults');
      Object.assign(Object(faults).countdowns, { [name]: calls });
    },
    { moment, calls: callsBefore },
  );
}

/** How many devices the worker has opened. */
export async function devicesOpened(page: Page): Promise<number> {
  const worker = await trainerWorker(page);
  return worker.evaluate(() => Number(Object(Reflect.get(globalThis, 'faults')).devices.length));
}

/** The process that talks to the graphics device crashes; after two in a short time Chromium refuses adapters for some two minutes. */
export async function crashGpuProcess(page: Page): Promise<void> {
  const browser = page.context().browser();
  if (!browser) throw new Error('The page has no browser of its own.');
  const session = await browser.newBrowserCDPSession();
  // It does not answer: the process that would is gone.
  void session.send('Browser.crashGpuProcess').catch(() => undefined);
}
