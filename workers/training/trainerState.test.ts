import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainingSettings } from '../api/settings';
import { createWasmExecutor } from '../engine/wasm/executor';
import { wasmOps } from '../ops/wasm/index';
import { CutRuns, lasting } from '../testing/cutRun';
import { loadParityCase } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import type { Trainer } from './trainer';
import type { TrainerState } from './trainerState';

let wasm: CutRuns;
let scaled: CutRuns;

beforeAll(async () => {
  const folder = new URL('../testing/fixtures/reference/gpt2-tiny-cls/', import.meta.url);
  const parity = await loadParityCase('gpt2-tiny-cls', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  wasm = await CutRuns.make(parity, await createWasmExecutor({ ops: wasmOps }), null);
  scaled = await CutRuns.make(parity, createReferenceExecutor(), 1024);
});

describe('a run that goes on from a state', () => {
  const runs: { name: string; changes: Partial<TrainingSettings> }[] = [
    { name: 'over epochs, with warm-up and evaluations', changes: { numTrainEpochs: 3, warmupSteps: 3, evalSteps: 4 } },
    { name: 'with a partial last batch', changes: { numTrainEpochs: 2, perDeviceTrainBatchSize: 5 } },
    { name: 'with gradient accumulation', changes: { numTrainEpochs: 5, perDeviceTrainBatchSize: 5, gradientAccumulationSteps: 2 } },
  ]; // prettier-ignore

  it.each(runs)('ends bit for bit as one that was never cut, wherever it was cut: $name', async ({ changes }) => {
    const settings = { saveSteps: 1, ...changes };
    const whole = await wasm.train({ changes: settings });
    expect(whole.kept.map(({ state }) => state.step)).toEqual(Array.from({ length: whole.outcome.steps + 1 }, (_, step) => step));
    const end = whole.kept.at(-1)?.state;
    for (const { state } of whole.kept) {
      const rest = await wasm.train({ changes: settings, from: state });
      expect(lasting(rest.outcome)).toEqual(lasting(whole.outcome));
      expect(rest.outcome.elapsedSeconds).toBeGreaterThanOrEqual(state.elapsedMs / 1000);
      for (const name of ['parameters', 'firstMoment', 'secondMoment', 'tokensDone', 'best'] as const)
        expect(rest.kept.at(-1)?.state[name]).toEqual(end?.[name]);
    }
  });

  it('goes on with a scaled loss', async () => {
    const changes = { numTrainEpochs: 2, saveSteps: 4 };
    const whole = await scaled.train({ changes });
    for (const { state } of whole.kept.slice(0, -1)) {
      const rest = await scaled.train({ changes, from: state });
      // The reference computes in double precision, and a state is in single.
      rest.outcome.records.forEach(({ loss }, at) => expect(loss).toBeCloseTo(whole.outcome.records[at]?.loss ?? NaN, 6));
      const scale = rest.kept.at(-1)?.state.lossScale;
      whole.kept.at(-1)?.state.lossScale?.forEach((value, at) => expect(scale?.[at]).toBeCloseTo(value, 6));
    }
  });

  it('judges first what was not judged yet, and ends at once where it was told to', async () => {
    const changes = { maxSteps: 6, evalSteps: 2, saveSteps: 1 };
    const { kept } = await wasm.train({ changes });
    const atFour = kept.find(({ state }) => state.step === 4)!.state;
    expect((await wasm.train({ changes, from: atFour })).evaluated).toEqual([6]);
    expect((await wasm.train({ changes, from: { ...atFour, lastEvaluated: 2 } })).evaluated).toEqual([4, 6]);
    const stopped = await wasm.train({ changes, from: { ...atFour, stopped: true } });
    expect(stopped).toMatchObject({ evaluated: [], outcome: { steps: 4, stopped: true } });
    expect(stopped.outcome.parameters).toEqual(atFour.best.parameters);
  });
});

describe('the state of a run', () => {
  it('is given when asked for, under way and in a pause, and no more when the training is over', async () => {
    const states: TrainerState[] = [];
    let last: Trainer | null = null;
    const paused = async (trainer: Trainer): Promise<void> => {
      await trainer.checkpointNow();
      states.push(await trainer.state());
      trainer.resume();
    };
    const { outcome, kept } = await wasm.train({
      changes: { maxSteps: 4, evalSteps: 0, saveSteps: 0 },
      act: (trainer) => {
        if (last) return;
        last = trainer;
        void trainer.state().then((state) => states.push(state));
        trainer.pause();
        setTimeout(() => void paused(trainer), 50);
      },
    });
    expect(states.map(({ step }) => step)).toEqual([1, 1]);
    expect(states[1]?.records).toEqual(outcome.records.slice(0, 1));
    const said = kept.map(({ reason, state }) => [reason, state.step]);
    expect(said).toEqual([['start', 0], ['pause', 1], ['asked', 1], ['end', 4]]); // prettier-ignore
    const { elapsedMs, trainingMs, ...held } = kept[1]!.state;
    expect(kept[2]?.state).toMatchObject(held);
    await expect(last!.state()).rejects.toMatchObject({ code: 'run/not-ready' });
  });

  it('is handed on every save_steps steps, and at both ends', async () => {
    const { kept } = await wasm.train({ changes: { maxSteps: 6, saveSteps: 2 } });
    expect(kept.map(({ reason, state }) => [reason, state.step])).toEqual([['start', 0], ['due', 2], ['due', 4], ['end', 6]]); // prettier-ignore
  });
});
