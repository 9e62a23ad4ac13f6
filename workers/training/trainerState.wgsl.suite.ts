import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { ops } from '../ops/index';
import { caseReader } from '../testing/browserFixtures';
import { CutRuns, lasting } from '../testing/cutRun';
import { loadParityCase, type ParityCase } from '../testing/parityCase';
import { device } from '../testing/sharedDevice';

/** So large a scale that the first steps overflow float16 and are skipped. */
const overflowing = 2 ** 26;

describe('a run on WGSL that goes on from a state', () => {
  let executor: WgslExecutor;
  let parity: ParityCase;
  beforeAll(async () => {
    executor = await createWgslExecutor({ ops, device });
    parity = await loadParityCase('gpt2-tiny-cls', caseReader('gpt2-tiny-cls'));
  });
  afterAll(() => executor.dispose());

  it.each([
    ['in float32', null],
    ['in half precision, some of its steps skipped', overflowing],
  ] as const)('is bit for bit the one that was never cut, %s', async (_, lossScale) => {
    const runs = await CutRuns.make(parity, executor, lossScale);
    const changes = { numTrainEpochs: 2, warmupSteps: 3, evalSteps: 4, saveSteps: 8 };
    const whole = await runs.train({ changes });
    if (lossScale !== null) {
      expect(whole.outcome.skippedSteps).toBeGreaterThan(2);
      expect(whole.outcome.records.length).toBeGreaterThan(2);
    }
    const end = whole.kept.at(-1)?.state;
    for (const { state } of whole.kept.slice(1, -1)) {
      const rest = await runs.train({ changes, from: state });
      expect(lasting(rest.outcome)).toEqual(lasting(whole.outcome));
      for (const name of ['parameters', 'firstMoment', 'secondMoment', 'lossScale', 'tokensDone', 'best'] as const)
        expect(rest.kept.at(-1)?.state[name]).toEqual(end?.[name]);
    }
    executor.releaseWeights();
  });
});
