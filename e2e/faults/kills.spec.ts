import { expect, test as base } from '../support';
import { continueRun, prepareRun, reachStep, startAndReach } from './journey';
import { TrainerNews } from './news';
import { keptCheckpoints, openBeside } from './storage';
import { crashPage } from './tab';

/** `npm run verify:kills` sets another number. */
const test = base.extend<{ kills: number }>({ kills: [5, { option: true }] });

// The page beside Tunelet is a bare file, for which browsers ask an icon.
test.use({ expectedProblems: /favicon\.ico/ });

const saveSteps = 1;
/** Some ten steps, each with its checkpoint. */
const longestLifeMs = 500;
const longest = { max_steps: '100000', save_steps: String(saveSteps), per_device_train_batch_size: '4' };

test('a run whose page is killed at random moments loses no checkpoint and no step beyond it', async ({ context, kills }) => {
  test.setTimeout(180_000 + kills * 30_000);
  const news = await TrainerNews.hear(context);
  const beside = await openBeside(context);
  let files = 0;
  let torn = 0;
  let kept = 0;
  const lost: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const page = await context.newPage();
    const place = news.events.length;
    if (kill === 0) {
      await prepareRun(page, { device: 'wasm', settings: longest });
      await startAndReach(page, news, 1);
    } else {
      await continueRun(page, 'wasm');
      await reachStep(news.since(place), kept + 1);
    }
    await page.waitForTimeout(Math.random() * longestLifeMs);
    await crashPage(page);
    await page.close();

    const told = news.since(place).lastStep;
    const slots = await keptCheckpoints(beside);
    files += slots.length;
    torn += slots.filter(({ content }) => content === null).length;
    kept = slots[0]?.content?.state.step ?? 0;
    lost.push(told - kept);
  }
  const reached = news.lastStep;
  console.log(
    `${kills} kills up to step ${reached}, a checkpoint every step: ${torn} of ${files} checkpoints torn, ` +
      `steps told and lost ${Math.max(0, ...lost)} at most, ${(lost.reduce((sum, steps) => sum + Math.max(0, steps), 0) / kills).toFixed(2)} on average`,
  );
  expect(files).toBeGreaterThanOrEqual(kills);
  expect(torn).toBe(0);
  expect(Math.max(...lost)).toBeLessThanOrEqual(saveSteps);

  // Every step that any of its lives told is the step of a life without an end.
  const page = await context.newPage();
  const place = news.events.length;
  const told = news.since(0).losses;
  await prepareRun(page, { device: 'wasm', settings: longest });
  await startAndReach(page, news, reached, 120_000 + reached * 200);
  expect(news.since(place).losses.slice(0, reached)).toEqual(told.slice(0, reached));
});
