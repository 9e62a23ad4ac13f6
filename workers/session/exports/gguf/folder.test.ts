import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../api/model';
import type { TrainingSettings } from '../../../api/settings';
import { defaultSlices } from '../../../api/slices';
import type { ModelFormat } from '../../../api/trainerApi';
import { parseGgufHeader } from '../../../files/gguf';
import { readSafetensors } from '../../../files/safetensorsData';
import { readZip } from '../../../files/zip';
import { byteTokenizerJson } from '../../../testing/byteTokenizer';
import { Session } from '../../session';

const read = (file: string) =>
  new Uint8Array(readFileSync(new URL(`../../../testing/fixtures/reference/llama-tiny-lm/${file}`, import.meta.url)));
const modelFiles = [
  new File([read('config.json')], 'config.json'),
  new File([read('model.safetensors')], 'model.safetensors'),
  new File([byteTokenizerJson()], 'tokenizer.json'),
  new File([JSON.stringify({ eos_token: '</s>', bos_token: '<s>' })], 'tokenizer_config.json'),
];
const csv = ['text,label', ...Array.from({ length: 36 }, (_, row) => `No ${row},${['up', 'down'][row % 2]}`)].join('\n');

const prompted: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  task: 'prompt',
  promptTemplate: '{text} goes {label}',
  targetModules: ['q_proj', 'v_proj'],
  maxSteps: 2,
  perDeviceTrainBatchSize: 4,
  warmupSteps: 0,
  evalSteps: 2,
  maxLength: 40,
};

async function trained(changes: Partial<TrainingSettings> = {}): Promise<Session> {
  const session = new Session();
  await session.connect(() => {}, 'wasm', 'http://localhost/');
  await session.loadDataset({ train: new File([csv], 'moves.csv') });
  await session.chooseModel({ kind: 'files', files: modelFiles });
  await session.start({ ...prompted, ...changes }, 'fresh', { memoryLimitBytes: null });
  return session;
}

async function exported(session: Session, type: ModelFormat): Promise<Map<string, Uint8Array>> {
  const archive = await session.exportMerged({ type, file: null }, defaultSlices);
  return readZip(new Uint8Array(await archive!.blob.arrayBuffer()), archive!.name);
}

const text = (files: Map<string, Uint8Array>, name: string) => new TextDecoder().decode(files.get(name));

describe('a run by prompt, taken to llama.cpp', () => {
  let session: Session;
  beforeAll(async () => {
    session = await trained();
  }, 120_000);

  it('every format has a name and lines, and the zip is what the lines name', async () => {
    const downloads = await session.modelDownloads();
    expect(downloads.map(({ type }) => type)).toEqual([
      'float16',
      'float32',
      'gguf-f16',
      'gguf-q8_0',
      'gguf-adapter',
      'gguf-base',
    ]);
    for (const { type, name, lines, refused } of downloads) {
      expect(refused).toBeNull();
      const archive = await session.exportMerged({ type, file: null }, defaultSlices);
      expect(archive?.name).toBe(name);
      const files = readZip(new Uint8Array(await archive!.blob.arrayBuffer()), name);
      const [gguf] = [...files.keys()].filter((file) => file.endsWith('.gguf'));
      for (const { tool, text: line } of lines) {
        if (tool === 'llama.cpp' || tool === 'llama-cpp-python') expect(line).toContain(gguf);
        if (tool !== 'transformers') expect(text(files, 'README.md')).toContain(line);
      }
    }
  }, 60_000);

  it('the Modelfile asks as the run did', async () => {
    const files = await exported(session, 'gguf-adapter');
    expect([...files.keys()].sort()).toEqual(['Modelfile', 'README.md', expect.stringMatching(/-adapter\.gguf$/)]);
    expect(text(files, 'Modelfile')).toMatch(
      /^FROM \.\/.*-f16\.gguf\nADAPTER \.\/.*-adapter\.gguf\nTEMPLATE """\{\{ \.Prompt \}\} goes"""\n/,
    );
    expect(text(files, 'Modelfile')).toContain('PARAMETER stop "</s>"');
  }, 60_000);

  it('the adapter is that of the PEFT download', async () => {
    const files = await exported(session, 'gguf-adapter');
    const [, bytes] = [...files].find(([name]) => name.endsWith('.gguf'))!;
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const peft = readZip(new Uint8Array(await blob.arrayBuffer()), name).get('adapter_model.safetensors')!;
    const wanted = readSafetensors(peft).tensors.get('base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight')!;
    const { byteOffset, byteLength } = parseGgufHeader(bytes, bytes.length)!.tensors.find(
      (tensor) => tensor.name === 'blk.0.attn_v.weight.lora_b',
    )!;
    expect(new Float32Array(bytes.slice(byteOffset, byteOffset + byteLength).buffer)).toEqual(wanted.values);
    expect(wanted.values.some((value) => value !== 0)).toBe(true);
  }, 60_000);
});

it('a run with a head is refused, format by format, and says what to take instead', async () => {
  const session = await trained({ task: 'head' });
  const downloads = await session.modelDownloads();
  expect(downloads.filter(({ refused }) => refused === null).map(({ type }) => type)).toEqual(['float16', 'float32']);
  expect(downloads.find(({ type }) => type === 'gguf-q8_0')?.refused?.message).toBe(
    'llama.cpp has no place for a classification head.',
  );
  await expect(exported(session, 'gguf-f16')).rejects.toMatchObject({ code: 'export/unsupported' });
}, 120_000);
