import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../api/model';
import { evaluationOf } from '../testing/adapterRecord';
import { errorOf } from '../testing/errorOf';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpointState';
import { checkpointVersion } from './checkpointVersions';

const odd = Float32Array.of(0, -0, 1e-42, Math.PI, Infinity, -Infinity, NaN);

const checkpoint: Checkpoint = {
  run: { id: 'b7', name: 'nano-gpt2 on banking' },
  savedAtMs: 1_790_000_000_000,
  order: 3,
  settings: { ...defaultSettings(null, 100).settings, gradientCheckpointing: false },
  labels: ['Karte “verloren”', '{"$number":"NaN"}', '__proto__'],
  totalSteps: 40,
  continues: false,
  dataset: { name: 'banking.csv', fingerprint: 'aa' },
  model: { name: 'nano-gpt2', fingerprint: 'bb' },
  layout: 'cc',
  device: 'Processor, 2 threads',
  judge: {
    told: [
      { kind: 'text-evaluation', step: 0, model: 'base', loss: NaN, best: false },
      {
        kind: 'evaluation',
        step: 8,
        model: 'tuned',
        evaluation: evaluationOf(['no', 'yes'], 0.5),
        watched: [{ label: 'no', predicted: 'yes', probability: 0.75 }],
        best: true,
      },
    ],
    watched: [3, 1],
    bests: [{ step: 8, merit: -Infinity }],
    said: { base: Float32Array.of(0.5, -0, NaN), tuned: Float32Array.of(1e-40, 2, -3), step: 8 },
  },
  state: {
    step: 17,
    parameters: odd,
    firstMoment: odd.map((value) => value * 2),
    secondMoment: odd.map((value) => value * 3),
    lossScale: Float32Array.of(1024, 17, 0.5, 0.25),
    skippedSteps: 1,
    skippedInARow: 0,
    best: { merit: -Infinity, step: 0, parameters: odd.slice(1) },
    lastEvaluated: 16,
    rateHalvedAfter: 12,
    tokensDone: 12345,
    elapsedMs: 1234.5678,
    trainingMs: 1000.25,
    stopped: false,
    records: [
      { step: 1, loss: 0.1 + 0.2, learningRate: 1e-3 / 3, gradNorm: 1e300 },
      { step: 3, loss: 2, learningRate: 1e-4, gradNorm: 0.5 },
    ],
  },
};

let bytes: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  bytes = await encodeCheckpoint(checkpoint);
});

/** As another version of this code would have written it: with a checksum that holds. */
async function ofVersion(version: number, written = bytes): Promise<Uint8Array> {
  const { createXXHash128 } = await import('hash-wasm');
  const changed = written.slice();
  new DataView(changed.buffer).setUint32(8, version, true);
  const hash = await createXXHash128();
  changed.set(hash.update(changed.subarray(0, 16)).update(changed.subarray(32)).digest('binary'), 16);
  return changed;
}

describe('a checkpoint', () => {
  it('is read as it was written, floats bit for bit', async () => {
    const read = await decodeCheckpoint(bytes);
    expect(read).toEqual(checkpoint);
    const bits = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)];
    expect(bits(read.state.parameters)).toEqual(bits(odd));
    expect(bits(read.state.secondMoment)).toEqual(bits(checkpoint.state.secondMoment));
    // Wherever in a larger buffer it lies.
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(await decodeCheckpoint(shifted.subarray(3))).toEqual(checkpoint);
    const scaleless = { ...checkpoint, state: { ...checkpoint.state, lossScale: null } };
    expect(await decodeCheckpoint(await encodeCheckpoint(scaleless))).toEqual(scaleless);
  });

  it('is refused by name with any byte changed, cut off or added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = bytes.slice();
        changed[at]! ^= change;
        expect((await errorOf(decodeCheckpoint(changed))).code).toBe('checkpoint/damaged');
        expect((await errorOf(decodeCheckpoint(bytes.subarray(0, at)))).code).toBe('checkpoint/damaged');
      }),
      { numRuns: 200 },
    );
    const longer = new Uint8Array(bytes.length + 8);
    longer.set(bytes);
    expect((await errorOf(decodeCheckpoint(longer))).code).toBe('checkpoint/damaged');
  });

  it('of version 1, which held the watched texts, is read without them', async () => {
    const told = checkpoint.judge.told.map((event) =>
      event.kind === 'evaluation' ? { ...event, watched: event.watched.map((seen) => ({ text: 'a secret', ...seen })) } : event,
    );
    const first = await encodeCheckpoint({ ...checkpoint, judge: { ...checkpoint.judge, told } });
    const read = await decodeCheckpoint(await ofVersion(1, first));
    expect(read).toEqual({ ...checkpoint, judge: { ...checkpoint.judge, said: null } });
  });

  it('of another version is refused kindly, each with its remedy', async () => {
    expect(await errorOf(decodeCheckpoint(await ofVersion(checkpointVersion + 1)))).toMatchObject({
      code: 'checkpoint/version',
      details: { found: checkpointVersion + 1 },
      remedy: expect.stringContaining('Reload the page'),
    });
    expect(await errorOf(decodeCheckpoint(await ofVersion(0)))).toMatchObject({
      code: 'checkpoint/version',
      remedy: expect.stringContaining('Discard the run'),
    });
  });
});
