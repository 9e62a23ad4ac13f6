import type { Page, Worker } from '@playwright/test';

/** What the worker does with the device: hands it work, writes into its memory, reads a step's values or a whole state back. */
export type Moment = 'submit' | 'upload' | 'readback' | 'checkpoint';

/** The trainer's worker, of which a page has one. */
export async function trainerWorker(page: Page): Promise<Worker> {
  const isTrainer = (worker: Worker) => /trainer/.test(worker.url());
  return page.workers().find(isTrainer) ?? page.waitForEvent('worker', { predicate: isTrainer });
}

/** From now on the devices that the worker opens can fail as `loseDeviceAt`, `fillMemory` and `poison` say; before a run starts. */
export async function watchDevices(page: Page): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(() => {
    const devices: GPUDevice[] = [];
    const buffers = new Set<GPUBuffer>();
    const lost = new WeakSet<GPUDevice>();
    const countdowns: Record<string, number> = {};
    const faults = { devices, buffers, countdowns, timesLeft: 1, full: '', givenShare: 0, limitBytes: Infinity, heldBytes: 0 };
    Object.assign(globalThis, { faults });
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function keep(descriptor) {
      const device = await requestDevice.call(this, descriptor);
      devices.push(device);
      return device;
    };

    /** Counts the calls down; at none left, the device goes in the middle of the call. */
    const loseIn = (prototype: object, method: string, momentOf: (self: unknown) => string): void => {
      const original: unknown = Reflect.get(prototype, method);
      if (typeof original !== 'function') throw new TypeError(`There is no ${method}.`);
      Reflect.set(prototype, method, function counted(this: unknown, ...parameters: unknown[]): unknown {
        const moment = momentOf(this);
        const device = devices.at(-1);
        // Work that was on its way to a device that is gone counts for none.
        const left = device && !lost.has(device) ? countdowns[moment] : undefined;
        if (left !== undefined) countdowns[moment] = left - 1;
        const answer: unknown = Reflect.apply(original, this, parameters);
        if (left === 0 && device) {
          lost.add(device);
          device.destroy();
          faults.timesLeft -= 1;
          if (faults.timesLeft > 0) countdowns[moment] = 0;
        }
        return answer;
      });
    };
    loseIn(GPUQueue.prototype, 'submit', () => 'submit');
    loseIn(GPUQueue.prototype, 'writeBuffer', () => 'upload');
    loseIn(GPUBuffer.prototype, 'mapAsync', (buffer) =>
      buffer instanceof GPUBuffer && buffer.label.startsWith('reading ') ? 'checkpoint' : 'readback',
    );

    const { createBuffer, popErrorScope } = GPUDevice.prototype;
    let refused = 0;
    GPUDevice.prototype.createBuffer = function kept(descriptor) {
      const isNamed = faults.full !== '' && (descriptor.label ?? '').startsWith(faults.full);
      if (isNamed && faults.limitBytes === Infinity) faults.limitBytes = faults.heldBytes + faults.givenShare * descriptor.size;
      const buffer = createBuffer.call(this, descriptor);
      if (isNamed && faults.heldBytes + buffer.size > faults.limitBytes) {
        refused += 1;
        return buffer;
      }
      buffers.add(buffer);
      faults.heldBytes += buffer.size;
      return buffer;
    };
    const { destroy } = GPUBuffer.prototype;
    GPUBuffer.prototype.destroy = function counted() {
      if (buffers.delete(this)) faults.heldBytes -= this.size;
      return destroy.call(this);
    };
    GPUDevice.prototype.popErrorScope = async function refusing() {
      const isRefused = refused > 0;
      if (isRefused) refused -= 1;
      const error = await popErrorScope.call(this);
      return isRefused ? new GPUOutOfMemoryError('The device has no room for it.') : error;
    };
  });
}

/** The device goes after as many more calls of that kind, and then at the first such call the one in its place, until as many are lost. */
export async function loseDeviceAt(page: Page, moment: Moment, callsBefore = 0, times = 1): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate(
    ({ moment: name, calls, timesLeft }) => {
      const faults: unknown = Reflect.get(globalThis, 'faults');
      Object.assign(Object(faults), { timesLeft });
      Object.assign(Object(faults).countdowns, { [name]: calls });
    },
    { moment, calls: callsBefore, timesLeft: times },
  );
}

/** From now on there is no room for buffers whose label begins so, but for a share of what the first of them asks for. */
export async function fillMemory(page: Page, label: string, givenShare = 0): Promise<void> {
  const worker = await trainerWorker(page);
  const change = { full: label, givenShare };
  await worker.evaluate((faults) => {
    Object.assign(Object(Reflect.get(globalThis, 'faults')), { ...faults, limitBytes: Infinity });
  }, change);
}

/** A number in the device's memory becomes NaN, the first of each buffer with that label. */
export async function poison(page: Page, label: string): Promise<void> {
  const worker = await trainerWorker(page);
  await worker.evaluate((name) => {
    const { devices, buffers }: { devices: GPUDevice[]; buffers: Set<GPUBuffer> } = Object(Reflect.get(globalThis, 'faults'));
    const named = [...buffers].filter((buffer) => buffer.label === name);
    if (named.length === 0) throw new Error(`No buffer is called ${name}.`);
    for (const buffer of named) devices.at(-1)?.queue.writeBuffer(buffer, 0, new Float32Array([Number.NaN]));
  }, label);
}

/** Bytes of all buffers that were made and not destroyed. */
export async function deviceBytes(page: Page): Promise<number> {
  const worker = await trainerWorker(page);
  return worker.evaluate(() => Number(Object(Reflect.get(globalThis, 'faults')).heldBytes));
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
