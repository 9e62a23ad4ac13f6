import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWasmExecutor } from '../engine/wasm/executor';
import { wasmOps } from '../ops/wasm/index';
import { LanguageModelRun, loadLanguageModelCase, type LanguageModelCase } from '../testing/languageModelCase';
import { greedy } from './sampling';

let parity: LanguageModelCase;
let run: LanguageModelRun;
let prompts: number[][];
let wanted: number[][];

beforeAll(async () => {
  const folder = new URL('../testing/fixtures/reference/llama-tiny-lm/', import.meta.url);
  parity = await loadLanguageModelCase('llama-tiny-lm', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  run = await LanguageModelRun.create(parity, await createWasmExecutor({ ops: wasmOps }), 'float32');
  prompts = parity.generation.generations.map(({ prompt }) => prompt);
  wanted = parity.generation.generations.map((generation) => generation.new_tokens);
});

const settings = { ...greedy, maxNewTokens: 16, stopIds: [] };

describe('Generator', () => {
  it('hands each token on as it comes, in order', async () => {
    const heard = prompts.map((): number[] => []);
    await run.withGenerator((generator) =>
      generator.generate(prompts, settings, { onToken: (text, id) => heard[text]?.push(id) }),
    );
    expect(heard).toEqual(wanted);
  });

  it('gives the same token by token, whoever takes turns in other places', async () => {
    const texts = await run.withGenerator(async (generator) => {
      const begun = prompts.slice(0, 2).map((prompt, place) => generator.begin([prompt], settings, [place]));
      while (begun.some(({ areDone }) => !areDone)) for (const each of begun) if (!each.areDone) await each.advance();
      return begun.map(({ results }) => results[0]?.ids);
    });
    expect(texts).toEqual(wanted.slice(0, 2));
  });

  it('ends a text before a token that stops it', async () => {
    const stop = wanted[0]?.[5] ?? 0;
    const [first] = await run.withGenerator((generator) => generator.generate(prompts, { ...settings, stopIds: [stop] }));
    expect(first).toEqual({ ids: wanted[0]?.slice(0, wanted[0].indexOf(stop)), ended: 'stop' });
  });

  it('keeps what was written when it is cancelled', async () => {
    const cancel = new AbortController();
    let tokens = 0;
    const texts = await run.withGenerator((generator) =>
      generator.generate(prompts, settings, {
        signal: cancel.signal,
        onToken: () => {
          tokens += 1;
          if (tokens === 6) cancel.abort();
        },
      }),
    );
    expect(texts.map(({ ended }) => ended)).toContain('cancelled');
    texts.forEach(({ ids }, text) => expect(ids).toEqual(wanted[text]?.slice(0, ids.length)));
    expect(texts.reduce((sum, { ids }) => sum + ids.length, 0)).toBeLessThan(9);
  });

  it('stops where the cache is full', async () => {
    const [text] = await run.withGenerator((generator) =>
      generator.generate([prompts[0] ?? []], { ...settings, maxNewTokens: 1000 }),
    );
    expect(text?.ended).toBe('length');
    expect((prompts[0]?.length ?? 0) + (text?.ids.length ?? 0)).toBe(40);
  });

  it('draws a text’s tokens by seed and number, whatever runs beside it', async () => {
    const drawn = { ...settings, doSample: true, temperature: 1.5, topK: 50, seed: 3 };
    const whole = await run.withGenerator((generator) => generator.generate(prompts, drawn));
    const again = await run.withGenerator((generator) => generator.generate(prompts.slice(0, 1), drawn));
    expect(again[0]).toEqual(whole[0]);
    const other = await run.withGenerator((generator) => generator.generate(prompts.slice(0, 1), { ...drawn, seed: 4 }));
    expect(other[0]).not.toEqual(whole[0]);
  });

  it('refuses a prompt that leaves no room', async () => {
    await expect(run.withGenerator((generator) => generator.generate([[]], settings))).rejects.toThrow('Prompt 0');
    await expect(run.withGenerator((generator) => generator.generate([new Array(40).fill(1)], settings))).rejects.toThrow('40');
  });
});
