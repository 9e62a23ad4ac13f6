import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../api/model';
import type { TrainingSettings } from '../api/settings';
import type { Executor, Program } from '../engine/executor';
import { createWasmExecutor } from '../engine/wasm/executor';
import { wasmOps } from '../ops/wasm/index';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { classifiedSource, type EncodedExamples } from './examples';
import { planSteps } from './schedule';
import type { CheckpointReason } from './stateHandover';
import { Trainer, type TrainingOutcome } from './trainer';
import type { TrainerState } from './trainerState';

interface Device {
  executor: Executor;
  program: Program;
  start: Float32Array;
}

let parity: ParityCase;
let examples: EncodedExamples;
let wasm: Device;
let scaled: Device;

beforeAll(async () => {
  const folder = new URL('../testing/fixtures/reference/gpt2-tiny-cls/', import.meta.url);
  parity = await loadParityCase('gpt2-tiny-cls', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  wasm = await deviceOf(await createWasmExecutor({ ops: wasmOps }), false);
  scaled = await deviceOf(createReferenceExecutor(), true);
  const { sequences, labels } = parity.trajectory;
  examples = { ids: sequences.map((ids) => Int32Array.from(ids)), labels: Int32Array.from(labels) };
});

async function deviceOf(executor: Executor, fp16: boolean): Promise<Device> {
  const { graphs } = await ParityRun.create(parity, executor, 'float32', { fp16 });
  const program = await executor.prepare(graphs.train, { tokens: 256, sequences: 8 });
  return { executor, program, start: await executor.readState('parameters') };
}

interface Heard {
  evaluated: number[];
  kept: { state: TrainerState; reason: CheckpointReason }[];
  outcome: TrainingOutcome;
}

interface Run {
  device?: Device;
  changes: Partial<TrainingSettings>;
  from?: TrainerState;
  act?: (trainer: Trainer, step: number) => void;
}

async function train({ device = wasm, changes, from, act }: Run): Promise<Heard> {
  const { executor, program, start } = device;
  executor.writeState('parameters', start);
  for (const name of ['firstMoment', 'secondMoment'] as const) executor.writeState(name, new Float32Array(start.length));
  const settings = {
    ...defaultSettings(null, null).settings,
    perDeviceTrainBatchSize: 4,
    numTrainEpochs: 1,
    warmupSteps: 0,
    evalSteps: 2,
    learningRate: 0.01,
    ...changes,
  };
  const heard: Pick<Heard, 'evaluated' | 'kept'> = { evaluated: [], kept: [] };
  const trainer: Trainer = new Trainer({
    executor,
    program,
    examples: classifiedSource(examples, parity.meta.pad_token_id),
    settings,
    plan: planSteps(settings, examples.ids.length),
    lossScale: device === scaled ? 1024 : null,
    from: from ?? null,
    listener: {
      phase: () => {},
      steps: (_, { step }) => act?.(trainer, step),
      evaluate: async (step) => {
        heard.evaluated.push(step);
        // Neither always better nor always worse.
        return (step * 7) % 5;
      },
      checkpoint: async (state, reason) => void heard.kept.push({ state, reason }),
    },
  });
  return { ...heard, outcome: await trainer.run() };
}

function lasting({ elapsedSeconds, tokensPerSecond, ...rest }: TrainingOutcome) {
  return rest;
}

describe('a run that goes on from a state', () => {
  const runs: { name: string; changes: Partial<TrainingSettings> }[] = [
    { name: 'over epochs, with warm-up and evaluations', changes: { numTrainEpochs: 3, warmupSteps: 3, evalSteps: 4 } },
    { name: 'with a partial last batch', changes: { numTrainEpochs: 2, perDeviceTrainBatchSize: 5 } },
    { name: 'with gradient accumulation', changes: { numTrainEpochs: 5, perDeviceTrainBatchSize: 5, gradientAccumulationSteps: 2 } },
  ]; // prettier-ignore

  it.each(runs)('ends bit for bit as one that was never cut, wherever it was cut: $name', async ({ changes }) => {
    const settings = { saveSteps: 1, ...changes };
    const whole = await train({ changes: settings });
    expect(whole.kept.map(({ state }) => state.step)).toEqual(Array.from({ length: whole.outcome.steps + 1 }, (_, step) => step));
    const end = whole.kept.at(-1)?.state;
    for (const { state } of whole.kept) {
      const rest = await train({ changes: settings, from: state });
      expect(lasting(rest.outcome)).toEqual(lasting(whole.outcome));
      expect(rest.outcome.elapsedSeconds).toBeGreaterThanOrEqual(state.elapsedMs / 1000);
      for (const name of ['parameters', 'firstMoment', 'secondMoment', 'tokensDone', 'best'] as const)
        expect(rest.kept.at(-1)?.state[name]).toEqual(end?.[name]);
    }
  });

  it('goes on with a scaled loss', async () => {
    const changes = { numTrainEpochs: 2, saveSteps: 4 };
    const whole = await train({ device: scaled, changes });
    for (const { state } of whole.kept.slice(0, -1)) {
      const rest = await train({ device: scaled, changes, from: state });
      // The reference computes in double precision, and a state is in single.
      rest.outcome.records.forEach(({ loss }, at) => expect(loss).toBeCloseTo(whole.outcome.records[at]?.loss ?? NaN, 6));
      const scale = rest.kept.at(-1)?.state.lossScale;
      whole.kept.at(-1)?.state.lossScale?.forEach((value, at) => expect(scale?.[at]).toBeCloseTo(value, 6));
    }
  });

  it('judges first what was not judged yet, and ends at once where it was told to', async () => {
    const changes = { maxSteps: 6, evalSteps: 2, saveSteps: 1 };
    const { kept } = await train({ changes });
    const atFour = kept.find(({ state }) => state.step === 4)!.state;
    expect((await train({ changes, from: atFour })).evaluated).toEqual([6]);
    expect((await train({ changes, from: { ...atFour, lastEvaluated: 2 } })).evaluated).toEqual([4, 6]);
    const stopped = await train({ changes, from: { ...atFour, stopped: true } });
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
    const { outcome, kept } = await train({
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
    const { kept } = await train({ changes: { maxSteps: 6, saveSteps: 2 } });
    expect(kept.map(({ reason, state }) => [reason, state.step])).toEqual([['start', 0], ['due', 2], ['due', 4], ['end', 6]]); // prettier-ignore
  });
});
