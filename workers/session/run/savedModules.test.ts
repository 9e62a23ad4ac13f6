import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { ClassResult, RunResult } from '../../api/results';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { readSafetensors } from '../../files/safetensorsData';
import { readZip } from '../../files/zip';
import { bankCsv } from '../../testing/bankTable';
import { nanoFiles } from '../../testing/nanoFiles';
import { nanoSession } from '../../testing/nanoSession';
import type { Session } from '../session';

const csv = bankCsv(36);

const plain: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  maxSteps: 6,
  perDeviceTrainBatchSize: 6,
  warmupSteps: 0,
  evalSteps: 6,
  loraDropout: 0,
  maxLength: 24,
};
const saving = { ...plain, modulesToSave: ['ln_f', 'h.0.mlp.c_fc'] };
const grants = { memoryLimitBytes: null };

function classes(result: RunResult): ClassResult {
  if (result.task === 'text') throw new Error('The run learned plain text.');
  return result;
}

describe('a run that trains modules as a whole', () => {
  let session: Session;
  let result: ClassResult;
  beforeAll(async () => {
    session = await nanoSession(new File([csv], 'bank.csv'));
    const [without, withCopies] = [await session.planRun(plain, grants), await session.planRun(saving, grants)];
    const { width } = await session.chooseModel({ kind: 'files', files: nanoFiles });
    const copied = 2 * width + width * 4 * width + 4 * width;
    expect(withCopies.trainableParameters - without.trainableParameters).toBe(copied);
    expect(withCopies.memory.weightBytes).toBeLessThan(without.memory.weightBytes);
    result = classes(await session.start(saving, 'fresh', grants));
  }, 120_000);

  it('starts as the base model', async () => {
    const untrained = classes(
      await (await nanoSession(new File([csv], 'bank.csv'))).start({ ...plain, maxSteps: 0 }, 'fresh', grants),
    );
    expect(result.base.loss).toBeCloseTo(untrained.base.loss, 5);
    expect(result.tuned.loss).toBeLessThan(result.base.loss);
  }, 60_000);

  it('leaves an adapter with the copies under PEFT’s names, which another visit imports, judges alike and trains on', async () => {
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const files = readZip(new Uint8Array(await blob.arrayBuffer()), name);
    const config: unknown = JSON.parse(new TextDecoder().decode(files.get('adapter_config.json')));
    expect(config).toMatchObject({ modules_to_save: ['ln_f', 'h.0.mlp.c_fc', 'classifier', 'score'] });
    const { tensors } = readSafetensors(files.get('adapter_model.safetensors') ?? new Uint8Array());
    const copies = [...tensors.keys()].filter((tensor) => !/lora_|score/.test(tensor));
    expect(copies.sort()).toEqual(
      ['h.0.mlp.c_fc.bias', 'h.0.mlp.c_fc.weight', 'ln_f.bias', 'ln_f.weight'].map((tensor) => `base_model.model.transformer.${tensor}`),
    ); // prettier-ignore
    const other = await nanoSession(new File([csv], 'bank.csv'));
    const adapter = await other.importAdapter([new File([blob], name)]);
    expect(adapter.modulesToSave).toEqual(saving.modulesToSave);
    const again = classes(await other.evaluateAdapter());
    expect(again.tuned.loss).toBeCloseTo(result.tuned.loss, 5);
    expect(again.base.loss).toBeCloseTo(result.base.loss, 5);
    const further = classes(await other.start(plain, 'adapter', grants));
    expect(further.tuned.loss).toBeLessThan(again.tuned.loss);
  }, 120_000);
});

it.each([
  [['wte'], 'an embedding table (transformer.wte)'],
  [['c_attn'], 'every module that target_modules adapts'],
  [['attention'], 'does not have'],
])('refuses %s before anything is loaded', async (modulesToSave, words) => {
  const session = await nanoSession(new File([csv], 'bank.csv'));
  const plan = session.planRun({ ...plain, modulesToSave }, grants);
  await expect(plan).rejects.toMatchObject({ code: 'settings/invalid', message: expect.stringContaining(words) });
});
