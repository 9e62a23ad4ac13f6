import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import { defaultSlices } from '../../api/slices';
import type { TrainingSettings } from '../../api/settings';
import type { RunPlan } from '../../api/trainerApi';
import { readZip } from '../../files/zip';
import { nanoFiles } from '../../testing/nanoFiles';
import { Session } from '../session';

const rows = Array.from(
  { length: 32 },
  (_, row) => `The ${row % 2 ? 'card' : 'cash'} I asked for ${row} days ago is not here,${row % 2}`,
);

const settings: TrainingSettings = {
  ...defaultSettings(null, 32).settings,
  maxSteps: 3,
  evalSteps: 0,
  perDeviceTrainBatchSize: 16,
};

describe('gradient_checkpointing left to the run', () => {
  const losses: number[] = [];
  const session = new Session();
  const plan = async (gradientCheckpointing: boolean | 'auto', memoryLimitBytes: number | null): Promise<RunPlan> =>
    session.planRun({ ...settings, gradientCheckpointing }, { memoryLimitBytes });
  let plain: RunPlan;
  beforeAll(async () => {
    const listener = (event: TrainerEvent): void => {
      if (event.kind === 'steps') losses.push(...event.records.map(({ loss }) => loss));
    };
    await session.connect(listener, 'wasm', 'http://localhost/');
    await session.loadDataset({ train: new File([['text,label', ...rows].join('\n')], 'bank.csv') });
    await session.chooseModel({ kind: 'files', files: nanoFiles });
    plain = await plan('auto', null);
  });

  it('is off where the run fits, and on by itself where it fits no other way', async () => {
    const { totalBytes } = plain.memory;
    expect(plain).toMatchObject({ gradientCheckpointing: { isOn: false, insteadOfBytes: null }, memoryProblem: null });
    const tight = await plan('auto', totalBytes - 1);
    expect(tight).toMatchObject({ gradientCheckpointing: { isOn: true, insteadOfBytes: totalBytes }, memoryProblem: null });
    expect(tight.memory.totalBytes).toBeLessThan(totalBytes);
  });

  it('is what the user says where he says it', async () => {
    const { totalBytes } = plain.memory;
    expect((await plan(true, null)).gradientCheckpointing).toEqual({ isOn: true, insteadOfBytes: null });
    const refused = await plan(false, totalBytes - 1);
    expect(refused.gradientCheckpointing.isOn).toBe(false);
    expect(refused.memoryProblem?.remedies.map((remedy) => remedy.settings)).toContainEqual({ gradientCheckpointing: true });
  });

  it('offers smaller batches where it is not enough', async () => {
    const { memory } = await plan(true, null);
    const { memoryProblem } = await plan('auto', memory.totalBytes - 1);
    expect(memoryProblem?.remedies).toHaveLength(1);
    expect(memoryProblem?.remedies[0]?.settings.perDeviceTrainBatchSize).toBeLessThan(16);
    const remedy = memoryProblem?.remedies[0];
    expect(remedy?.memoryBytes).toBeLessThan(memory.totalBytes);
    const remedied = await session.planRun({ ...settings, ...remedy?.settings }, { memoryLimitBytes: memory.totalBytes - 1 });
    expect(remedied).toMatchObject({ memoryProblem: null, memory: { totalBytes: remedy?.memoryBytes } });
  });

  it('changes no loss, and the files of the run say what it did', async () => {
    const run = async (memoryLimitBytes: number | null) => {
      losses.length = 0;
      const { settings: done } = await session.start(settings, 'fresh', { memoryLimitBytes });
      const { blob, name } = await session.exportAdapter(defaultSlices);
      const log = readZip(new Uint8Array(await blob.arrayBuffer()), name).get('training_log.json');
      return { losses: [...losses], done: done?.gradientCheckpointing, log: JSON.parse(new TextDecoder().decode(log)) };
    };
    const free = await run(null);
    const tight = await run(plain.memory.totalBytes - 1);
    expect([free.done, tight.done]).toEqual([false, true]);
    expect([free.log.settings.gradient_checkpointing, tight.log.settings.gradient_checkpointing]).toEqual([false, true]);
    expect(free.losses).toHaveLength(3);
    expect(tight.losses).toEqual(free.losses);
  }, 60_000);
});
