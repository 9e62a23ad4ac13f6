import { waitForEnd } from '../../scripts/drivePage.mjs';
import { chromiumLaunchOptions } from '../../scripts/findChromium.mjs';
import { expect, test } from '../support';
import { trainerWorker } from './devices';
import { prepareRun, startAndReach } from './journey';
import { TrainerNews } from './news';

const launch = chromiumLaunchOptions();
test.use({ launchOptions: { ...launch, args: [...launch.args, '--js-flags=--expose-gc'] } });

test('garbage collected while a file is being opened holds no checkpoint up', async ({ page }) => {
  const news = await TrainerNews.hear(page.context());
  await prepareRun(page, { device: 'wasm', settings: { save_steps: '1', max_steps: '30' } });
  await (await trainerWorker(page)).evaluate(collectWhileOpening);
  await startAndReach(page, news, 30);
  await waitForEnd(page, { timeoutMs: 60_000 });
  const kept = news.events.filter(({ kind }) => kind === 'checkpoint').length;
  expect(kept).toBeGreaterThanOrEqual(30);
});

/** Runs in the worker. The collection is a task of its own, so that nothing on the stack holds what is not held otherwise. */
function collectWhileOpening(): void {
  const prototype: object = FileSystemFileHandle.prototype;
  const open: unknown = Reflect.get(prototype, 'createSyncAccessHandle');
  const collect: unknown = Reflect.get(globalThis, 'gc');
  if (typeof open !== 'function' || typeof collect !== 'function') throw new TypeError('There is nothing to wrap.');
  Reflect.set(prototype, 'createSyncAccessHandle', function collecting(this: unknown): unknown {
    const answer: unknown = Reflect.apply(open, this, []);
    void Reflect.apply(collect, globalThis, [{ type: 'major', execution: 'async' }]);
    return answer;
  });
}
