import { createXXHash128 } from 'hash-wasm';
import { damaged } from './checkpointErrors';
import { isHeader, parseHeader, writeHeader, type StoredArray, type StoredHeader } from './checkpointHeader';
import { checkpointVersion, headerOfThisVersion, requireKnownVersion } from './checkpointVersions';
import type { Checkpoint } from './checkpointState';

/** The longest header that is read: a thousand evaluations of a hundred classes have a tenth of it. */
export const mostHeaderBytes = 256 << 20;

const magic = new TextEncoder().encode('TUNELETC');
const checksumBytes = 16;
/** Magic, version and header's length; then the checksum of everything else. */
const checksumAt = magic.length + 8;
const headerAt = checksumAt + checksumBytes;
const alignment = 8;

const recordColumns = ['step', 'loss', 'learningRate', 'gradNorm'] as const;

/** Floats are copied as they are, bit for bit. Little-endian, as every browser's machine is. */
export async function encodeCheckpoint({ state, judge, ...rest }: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { parameters, firstMoment, secondMoment, lossScale, best, records, ...scalars } = state;
  const { said, ...judged } = judge;
  const arrays: { name: StoredArray['name']; values: Float32Array | Float64Array }[] = [
    { name: 'parameters', values: parameters },
    { name: 'firstMoment', values: firstMoment },
    { name: 'secondMoment', values: secondMoment },
    { name: 'bestParameters', values: best.parameters },
    { name: 'records', values: Float64Array.from(records.flatMap((record) => recordColumns.map((name) => record[name]))) },
    ...(lossScale ? [{ name: 'lossScale' as const, values: lossScale }] : []),
    ...(said
      ? [
          { name: 'baseSaid' as const, values: said.base },
          { name: 'tunedSaid' as const, values: said.tuned },
        ]
      : []),
  ];
  const listed = arrays.map(({ name, values }) => ({ name, length: values.length }));
  const bestStep = { merit: best.merit, step: best.step };
  const header = writeHeader({
    ...rest,
    judge: { ...judged, saidStep: said?.step ?? null },
    state: { ...scalars, best: bestStep },
    arrays: listed,
  });
  const bytes = new Uint8Array(
    arrays.reduce((sum, { values }) => sum + aligned(values.byteLength), headerAt + aligned(header.length)),
  );
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(magic.length, checkpointVersion, true);
  view.setUint32(magic.length + 4, header.length, true);
  bytes.set(header, headerAt);
  let at = headerAt + aligned(header.length);
  for (const { values } of arrays) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += aligned(values.byteLength);
  }
  bytes.set(await checksumOf(bytes), checksumAt);
  return bytes;
}

/**
 * @throws TuneletError 'checkpoint/damaged' where a byte is not what was written, 'checkpoint/version' where another version of Tunelet
 *   wrote it
 */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  if (bytes.length < headerAt || !equal(bytes.subarray(0, magic.length), magic)) throw damaged('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Before the version is believed, so that a flipped bit in it is not taken for another version.
  if (!equal(await checksumOf(bytes), bytes.subarray(checksumAt, headerAt))) throw damaged('its checksum does not hold');
  const version = view.getUint32(magic.length, true);
  requireKnownVersion(version);
  const headerBytes = view.getUint32(magic.length + 4, true);
  if (headerBytes > Math.min(mostHeaderBytes, bytes.length - headerAt)) throw damaged('its header is longer than the file');
  const header = headerOfThisVersion(parseHeader(bytes.subarray(headerAt, headerAt + headerBytes)), version);
  if (!isHeader(header)) throw damaged('its header is not that of a checkpoint');
  return checkpointOf(header, bytes, headerAt + aligned(headerBytes));
}

function checkpointOf({ arrays, state, judge, ...rest }: StoredHeader, bytes: Uint8Array, start: number): Checkpoint {
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = start;
  for (const { name, length } of arrays) {
    const sizeBytes = length * (name === 'records' ? 8 : 4);
    if (at + sizeBytes > bytes.length) throw damaged(`${name} ends behind the file`);
    // A copy, which starts where floats may.
    found.set(name, bytes.slice(at, at + sizeBytes));
    at += aligned(sizeBytes);
  }
  const floats = (name: StoredArray['name']): Float32Array => {
    const raw = found.get(name);
    if (!raw) throw damaged(`it has no ${name}`);
    return new Float32Array(raw.buffer);
  };
  const numbers = new Float64Array(found.get('records')?.buffer ?? new ArrayBuffer());
  const { best, ...scalars } = state;
  const { saidStep, ...judged } = judge;
  const said = saidStep === null ? null : { step: saidStep, base: floats('baseSaid'), tuned: floats('tunedSaid') };
  return {
    ...rest,
    judge: { ...judged, said },
    state: {
      ...scalars,
      parameters: floats('parameters'),
      firstMoment: floats('firstMoment'),
      secondMoment: floats('secondMoment'),
      lossScale: found.has('lossScale') ? floats('lossScale') : null,
      best: { ...best, parameters: floats('bestParameters') },
      records: Array.from({ length: Math.floor(numbers.length / recordColumns.length) }, (_, index) => {
        const [step = 0, loss = 0, learningRate = 0, gradNorm = 0] = numbers.subarray(index * recordColumns.length);
        return { step, loss, learningRate, gradNorm };
      }),
    },
  };
}

/** XXH3 in 128 bits over everything but itself: for what tears or rots, not against forgers. */
async function checksumOf(bytes: Uint8Array): Promise<Uint8Array> {
  const hash = await createXXHash128();
  hash.update(bytes.subarray(0, checksumAt));
  hash.update(bytes.subarray(headerAt));
  return hash.digest('binary');
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / alignment) * alignment;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
