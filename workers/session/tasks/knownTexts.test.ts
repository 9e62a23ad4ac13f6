import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { TaskName, TrainingSettings } from '../../api/settings';
import { Session } from '../session';

const name = 'llama-tiny-lm.Q8_0.gguf';
const bytes = readFileSync(new URL(`../../testing/fixtures/reference/quant/${name}`, import.meta.url));
/** The file’s token for the beginning of a text; of its other tokens none is found in a text. */
const known = '<t257>';

const grants = { memoryLimitBytes: null };
const settings: TrainingSettings = {
  ...defaultSettings(null, 20).settings,
  promptTemplate: '{text}? {label}',
  targetModules: ['q_proj', 'v_proj'],
  maxLength: 32,
};

function csv(text: (row: number) => string): File {
  const rows = Array.from({ length: 24 }, (_, row) => `${text(row)},${row % 2 === 0 ? 'left' : 'right'}`);
  return new File([['text,label', ...rows].join('\n')], 'words.csv');
}

describe('a model whose vocabulary lacks the letters of the texts', () => {
  const session = new Session();
  beforeAll(async () => {
    await session.connect(() => {}, 'wasm', 'http://localhost/');
    await session.chooseModel({ kind: 'files', files: [new File([bytes], name)] });
  });

  it.each<TaskName>(['head', 'prompt', 'text'])('is refused before a run by %s', async (task) => {
    await session.loadDataset({ train: csv((row) => `some words ${row}`) });
    const problem = { code: 'model/bad-tokenizer', message: expect.stringMatching(/has no token for anything .*\(\d+ tried\)/) };
    await expect(session.planRun({ ...settings, task }, grants)).rejects.toMatchObject(problem);
    await expect(session.start({ ...settings, task }, 'fresh', grants)).rejects.toMatchObject(problem);
  });

  it('is taken where one text has a token', async () => {
    await session.loadDataset({ train: csv((row) => (row % 3 === 0 ? `${known} ${row}` : `some words ${row}`)) });
    expect(await session.planRun(settings, grants)).toMatchObject({ task: 'head', memoryProblem: null });
  });
});
