import fc from 'fast-check';
import { unzipSync, zipSync, type Unzipped } from 'fflate';
import { describe, expect, it } from 'vitest';
import { TuneletError } from '../api/errors';
import type { KeptRun } from '../api/runs';
import { writeZip } from '../files/zip';
import { MemoryRoom } from '../storage/memoryRoom';
import { keptRun } from '../testing/keptRun';
import { readDetails, writeDetails, type RunDetails } from './details';
import { readEntry, writeEntry } from './entry';
import { RunShelf } from './runShelf';

const run: KeptRun = {
  ...keptRun,
  number: 3,
  startedAt: 1_790_000_000_000,
  changed: ['learningRate'],
  preparation: {
    ...keptRun.preparation,
    mapping: { text: 'text', label: 'label', textPair: { column: 'title', joiner: ' ' } },
  },
  bestStep: 2,
  elapsedSeconds: 1.5,
  notices: ['The loss jumped at step 3.'],
  validationLoss: [
    { step: 0, loss: 0.7 },
    { step: 4, loss: 0.1 },
  ],
};

const details: RunDetails = {
  labels: ['__proto__', 'constructor'],
  trainExamples: 80,
  classWeights: null,
  skippedSteps: 0,
  rateHalvedAfter: 2,
  tokensPerSecond: 100,
  adapterBytes: 1000,
  python: 'print("it loads")',
  baseFilesOffered: true,
  steps: Float64Array.of(1, 0.7, 1e-3, 1.2, 2, NaN, 1e-3, 0.9),
  curve: Float64Array.of(0, 0, 0.7, 0.5, 0.4, 4, 1, 0.1, 1, 1),
  judged: {
    split: 'test',
    texts: ['one', 'zwei', '三', '🎻'],
    labels: Int32Array.of(0, 1, 0, 1),
    base: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    tuned: Float32Array.of(8, 7, 6, 5, 4, 3, 2, 1),
    written: {
      rows: Int32Array.of(1, 3),
      base: [
        { answer: 'x', label: null },
        { answer: 'constructor', label: 1 },
      ],
      tuned: [
        { answer: '', label: null },
        { answer: '__proto__', label: 0 },
      ],
    },
  },
  data: {
    name: 'bank messages',
    attribution: null,
    hub: {
      id: 'a/b',
      config: 'default',
      splits: { train: 'train', validation: null, test: 'test' },
      text: 'text',
      label: 'label',
      rows: null,
      choose: 'spread',
    },
    labels: [{ name: '__proto__', count: 50 }],
    split: { train: 80, validation: 10, test: 10 },
    splitMethod: 'by label, seed 42',
  },
  columns: [{ column: 'channel', division: null, names: [{ value: 'web', range: null }], groupOf: Uint8Array.of(0, 0, 0, 0) }],
};

const word = fc.string({ maxLength: 40 });

describe('the files of a run', () => {
  it('come back as they were', () => {
    expect(readEntry(writeEntry(run))).toEqual(run);
    expect(readDetails(writeDetails(details))).toEqual(details);
    expect(readDetails(writeDetails({ ...details, judged: null, columns: [] }))).toEqual({
      ...details,
      judged: null,
      columns: [],
    });
  });

  it('come back whatever names, texts and numbers they hold', () => {
    const anyRun = fc.record({
      name: word,
      notices: fc.array(word),
      words: fc.dictionary(word, word),
      loss: fc.double(),
      rate: fc.double({ noNaN: true, noDefaultInfinity: true }),
    });
    fc.assert(
      fc.property(anyRun, ({ name, notices, words, loss, rate }) => {
        const changed: KeptRun = {
          ...run,
          name,
          notices,
          settings: { ...run.settings, labelWords: words, learningRate: rate },
          validationLoss: [{ step: 1, loss }],
        };
        const read = readEntry(writeEntry(changed));
        expect({ ...read, validationLoss: [] }).toEqual(JSON.parse(JSON.stringify({ ...changed, validationLoss: [] })));
        expect(read.validationLoss[0]?.loss).toEqual(Number.isFinite(loss) ? loss + 0 : NaN);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 20 }),
        fc.float32Array({ minLength: 40, maxLength: 40 }),
        (texts, logits) => {
          const judged = {
            split: 'validation' as const,
            texts,
            labels: Int32Array.from(texts, (_, row) => row % 2),
            base: logits.slice(0, 2 * texts.length),
            tuned: logits.slice(0, 2 * texts.length).reverse(),
            written: null,
          };
          expect(readDetails(writeDetails({ ...details, judged, columns: [] })).judged).toEqual(judged);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('give nothing but a refusal of our own when bytes of them are changed', () => {
    for (const [bytes, read] of [
      [writeEntry(run), readEntry],
      [writeDetails(details), readDetails],
    ] as const) {
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(bytes.length), (at, change, length) => {
          const flipped = bytes.slice();
          flipped[at]! ^= change;
          for (const hostile of [flipped, bytes.slice(0, length === bytes.length ? at : length)]) onlyOurs(() => read(hostile));
        }),
        { numRuns: 400 },
      );
    }
  });

  it('give nothing but a refusal of our own when their JSON is another', () => {
    const zipped = (name: string, value: unknown) => writeZip(new Map([[name, new TextEncoder().encode(JSON.stringify(value))]]));
    const [entry, plain] = [
      JSON.parse(JSON.stringify({ format: 'tunelet run', version: 1, run })),
      JSON.parse(JSON.stringify(details)),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(run)),
        fc.constantFrom(...Object.keys(details)),
        fc.jsonValue(),
        (key, other, value) => {
          onlyOurs(() => readEntry(zipped('run.json', { ...entry, run: { ...entry.run, [key]: value } })));
          onlyOurs(() => readEntry(zipped('run.json', value)));
          onlyOurs(() => readDetails(zipped('details.json', { ...plain, [other]: value })));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('take nothing from a prototype that a file brings', () => {
    const text = JSON.stringify({ format: 'tunelet run', version: 1, run }).replace(
      '"isRenamed":false',
      '"__proto__":{"isRenamed":true}',
    );
    const bytes = writeZip(new Map([['run.json', new TextEncoder().encode(text)]]));
    expect(() => readEntry(bytes)).toThrow(expect.objectContaining({ code: 'runs/damaged' }));
    expect(Object.hasOwn(Object.prototype, 'isRenamed')).toBe(false);
  });

  it('of a newer version are refused as such', () => {
    const newer = writeZip(new Map([['run.json', new TextEncoder().encode('{"format":"tunelet run","version":2,"run":{}}')]]));
    expect(() => readEntry(newer)).toThrow(expect.objectContaining({ code: 'runs/newer-version' }));
  });

  it.each([
    ['a label past the classes', { labels: Int32Array.of(0, 1, 2, 0) }],
    ['logits of another count', { tuned: Float32Array.of(1, 2) }],
    ['no text', { texts: [], labels: new Int32Array(), base: new Float32Array(), tuned: new Float32Array() }],
    ['answers to rows out of order', { written: { ...details.judged!.written!, rows: Int32Array.of(3, 1) } }],
    ['answers to a row that is not there', { written: { ...details.judged!.written!, rows: Int32Array.of(1, 4) } }],
  ])('refuse %s', (_, change) => {
    const bytes = writeDetails({ ...details, judged: { ...details.judged!, ...change }, columns: [] });
    expect(() => readDetails(bytes)).toThrow(expect.objectContaining({ code: 'runs/damaged' }));
  });
});

describe('the shelf', () => {
  const adapter = new Blob([writeZip(new Map([['adapter_config.json', new TextEncoder().encode('{}')]]))]);
  const ids = ['first-run', 'second-run', 'third-run'];

  async function filled(room = new MemoryRoom(1e9)): Promise<RunShelf> {
    const shelf = new RunShelf(room);
    for (const id of ids) await shelf.keep({ run: { ...run, id }, details, adapter });
    return shelf;
  }

  it('numbers runs, lists the newest first, and never gives a number twice while a later run is there', async () => {
    const shelf = await filled();
    await shelf.remove('second-run');
    await shelf.keep({ run: { ...run, id: 'fourth-run' }, details, adapter });
    const { runs } = await shelf.list();
    expect(runs.map(({ id, number }) => [id, number])).toEqual([
      ['fourth-run', 4],
      ['third-run', 3],
      ['first-run', 1],
    ]);
  });

  it('lists what is damaged as such, so that it can be deleted, and the rest as ever', async () => {
    const room = new MemoryRoom(1e9);
    const shelf = await filled(room);
    await room.write('second-run.entry', new Uint8Array([1, 2, 3]));
    const { runs, damaged } = await shelf.list();
    expect(runs.map(({ id }) => id)).toEqual(['third-run', 'first-run']);
    expect(damaged).toMatchObject([{ id: 'second-run', report: { code: 'runs/damaged' } }]);
    await shelf.remove('second-run');
    expect((await shelf.list()).damaged).toEqual([]);
  });

  it('leaves nothing of a run that does not fit', async () => {
    class FullRoom extends MemoryRoom {
      override async write(name: string, bytes: Uint8Array): Promise<void> {
        if (name.endsWith('.adapter')) throw new TuneletError('storage/quota', 'Full.', 'Make room.');
        await super.write(name, bytes);
      }
    }
    const room = new FullRoom(1e9);
    await expect(new RunShelf(room).keep({ run, details, adapter })).rejects.toMatchObject({
      code: 'storage/quota',
      message: expect.stringContaining('The run needs'),
    });
    expect(await room.list()).toEqual([]);
  });

  it('takes runs from a file whole, gives taken numbers anew, and refuses a file with one damaged run whole', async () => {
    const { blob } = await (await filled()).export(ids);
    const shelf = new RunShelf(new MemoryRoom(1e9));
    await shelf.keep({ run: { ...run, id: 'run-before' }, details, adapter });
    expect(await shelf.import(new File([blob], 'runs.zip'))).toEqual({ added: 3, known: 0 });
    const { runs } = await shelf.list();
    expect(new Set(runs.map(({ number }) => number)).size).toBe(4);

    const bytes = new Uint8Array(await blob.arrayBuffer());
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const hostile = bytes.slice();
        hostile[at]! ^= change;
        const empty = new RunShelf(new MemoryRoom(1e9));
        const failed = await empty.import(new File([hostile], 'runs.zip')).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (failed === null) return;
        expect(failed).toBeInstanceOf(TuneletError);
        expect((await empty.list()).usedBytes).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  describe('takes nothing of a hostile file', () => {
    const zeros = new Uint8Array(40 << 20);
    const bomb = () => zipSync({ 'details.json': zeros }, { level: 9 });
    const runPart = (files: Unzipped, kind: string): string =>
      Object.keys(files).find((name) => name.startsWith('runs/first-run/') && name.endsWith(`${kind}.zip`)) ?? '';
    const cases: [string, (files: Unzipped) => Unzipped, RegExp][] = [
      ['that is a bomb', (files) => ({ ...files, [runPart(files, 'details')]: zeros }), /would grow from \d+ to 41943040 bytes/],
      ['whose run is a bomb', (files) => ({ ...files, [runPart(files, 'details')]: bomb() }), /would grow/],
      ['whose adapter is a bomb', (files) => ({ ...files, [runPart(files, 'adapter')]: bomb() }), /would grow/],
      [
        'that leads out of the folder',
        (files) => ({ ...files, '../runs/up.zip': zeros.subarray(0, 9) }),
        /leads out of the folder/,
      ],
      ['that is nested in itself', (files) => ({ ...files, [runPart(files, 'entry')]: zipSync(files) }), /.*/],
      ['that holds half a run', (files) => Object.fromEntries(Object.entries(files).filter(([name]) => name !== runPart(files, 'adapter'))), /not whole/], // prettier-ignore
    ];

    it.each(cases)('%s', async (_, change, fault) => {
      const { blob } = await (await filled()).export(ids);
      const hostile = zipSync(change(unzipSync(new Uint8Array(await blob.arrayBuffer()))), { level: 9 });
      await refused(hostile, fault);
    });

    it('whose checksums do not hold, in the part that is read last', async () => {
      const bytes = new Uint8Array(await (await (await filled()).export(ids)).blob.arrayBuffer());
      // The name is in the local header before the bytes, and once more in the directory.
      const adapterName = new TextEncoder().encode(`runs/${ids.at(-1)}/adapter.zip`);
      const at = bytes.findIndex((_, start) => adapterName.every((code, index) => bytes[start + index] === code));
      bytes[at + adapterName.length + 12]! ^= 1;
      await refused(bytes, /its checksum differs/);
    });

    it('that says it is longer than any', async () => {
      const huge = new File([new Blob([])], 'runs.zip');
      Object.defineProperty(huge, 'size', { value: 5e9 });
      await expect(new RunShelf(null).import(huge)).rejects.toMatchObject({
        code: 'runs/damaged',
        message: expect.stringContaining('5000000000 bytes'),
      });
    });

    async function refused(bytes: Uint8Array<ArrayBuffer>, fault: RegExp): Promise<void> {
      const shelf = new RunShelf(new MemoryRoom(1e9));
      await expect(shelf.import(new File([bytes], 'runs.zip'))).rejects.toMatchObject({
        code: 'runs/damaged',
        message: expect.stringMatching(fault),
      });
      expect((await shelf.list()).usedBytes).toBe(0);
    }
  });

  it('says of another file that it is none of runs', async () => {
    const shelf = new RunShelf(null);
    expect(shelf.isOnDevice).toBe(false);
    for (const content of [adapter, new Blob(['text,label']), new Blob([])])
      await expect(shelf.import(new File([content], 'other.zip'))).rejects.toMatchObject({ code: 'runs/damaged' });
    for (const id of ['../up', 'no-such-run', '__proto__'])
      await expect(shelf.entry(id)).rejects.toMatchObject({ code: 'runs/not-found' });
  });
});

function onlyOurs(read: () => unknown): void {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TuneletError);
  }
}
