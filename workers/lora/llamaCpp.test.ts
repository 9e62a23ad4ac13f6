import { describe, expect, it } from 'vitest';
import { ggufReadme, llamaCppCommand, llamaCppPython, modelfile, ollamaCommands, type LlamaCppPrompt } from './llamaCpp';

const prompt: LlamaCppPrompt = {
  prompt: "It's \\ this:\n{text}\nTopic:",
  maxNewTokens: 6,
  contextLength: 70,
  stop: '<|end|>',
  example: 'A "card" is lost.',
};
const merged = { model: 'run-f16.gguf', adapter: null };
const apart = { model: 'base.gguf', adapter: 'run-adapter.gguf' };

/** As the shell and then llama.cpp read what stands within single quotation marks. */
function readBack(command: string): string {
  const [, quoted = ''] = /-p '([^']*)'$/.exec(command) ?? [];
  return quoted.replaceAll(/\\(x27|.)/gs, (_, sign: string) => ({ x27: "'", n: '\n', t: '\t', r: '\r' })[sign] ?? sign);
}

/** As Ollama's template engine writes it. */
function rendered(file: string, text: string): string {
  const [, template = ''] = /^TEMPLATE """(.*?)"""$/ms.exec(file) ?? [];
  return template.replaceAll(/\{\{ (?:"((?:\\x[0-9a-f]{2}|\\U[0-9a-f]{8})+)"|(\.Prompt)) \}\}/g, (_, escapes?: string) =>
    escapes === undefined
      ? text
      : escapes.replaceAll(/\\[xU]([0-9a-f]+)/g, (__, code: string) => String.fromCodePoint(parseInt(code, 16))),
  );
}

describe('lines for llama.cpp', () => {
  it('name the files and ask greedily, whatever stands in the prompt', () => {
    const command = llamaCppCommand(apart, prompt);
    expect(command).toMatch(
      /^llama-completion -m base\.gguf --lora run-adapter\.gguf -c 70 -no-cnv --no-display-prompt --temp 0 -n 6 -p '/,
    );
    expect(command).not.toContain('\n');
    expect(readBack(command)).toBe('It\'s \\ this:\nA "card" is lost.\nTopic:');
    expect(llamaCppCommand(merged, prompt)).not.toContain('--lora');
  });

  it('take a file of any name as one word', () => {
    const odd = { model: "My model's (1) $HOME.gguf", adapter: '-x.gguf' };
    expect(llamaCppCommand(odd, prompt)).toContain(` -m 'My model'\\''s (1) $HOME.gguf' --lora './-x.gguf' -c 70 `);
  });

  it('for Python hold prompt and text as literals', () => {
    const lines = llamaCppPython(apart, prompt).split('\n');
    expect(lines).toContain('model = Llama("base.gguf", lora_path="run-adapter.gguf", n_ctx=70, verbose=False)');
    expect(lines).toContain('prompt = "It\'s \\\\ this:\\n{text}\\nTopic:".replace("{text}", "A \\"card\\" is lost.")');
    expect(llamaCppPython(merged, prompt)).toContain('Llama("run-f16.gguf", n_ctx=70, verbose=False)');
  });
});

describe('a Modelfile', () => {
  it('names model and adapter, and answers greedily with the prompt around what is typed', () => {
    const file = modelfile(apart, prompt);
    expect(file.split('\n').slice(0, 2)).toEqual(['FROM ./base.gguf', 'ADAPTER ./run-adapter.gguf']);
    expect(file).toContain('\nPARAMETER temperature 0\nPARAMETER repeat_penalty 1\nPARAMETER num_predict 6\nPARAMETER num_ctx 70\nPARAMETER stop "<|end|>"\n'); // prettier-ignore
    expect(rendered(file, 'typed')).toBe("It's \\ this:\ntyped\nTopic:");
    expect(modelfile(merged, { ...prompt, stop: null })).not.toMatch(/ADAPTER|stop/);
  });

  it.each(['{{ .System }} {text}', '{{text}', 'Say """{text}""" now"', '{{{"{text}{'])(
    'takes nothing in %s for its own',
    (own) => {
      expect(rendered(modelfile(merged, { ...prompt, prompt: own }), '42')).toBe(own.replaceAll('{text}', '42'));
    },
  );

  it('keeps the signs that Ollama leaves out as it reads one', () => {
    const own = 'Texte\u00a0: {text}\t\u200d\u3000\n\u{e0001}Réponse 😀';
    const file = modelfile(merged, { ...prompt, prompt: own });
    for (const sign of ['\u00a0', '\u200d', '\u3000', '\u{e0001}']) expect(file).not.toContain(sign);
    expect(rendered(file, '42')).toBe(own.replace('{text}', '42'));
  });

  it('is made and run by two commands', () => {
    expect(ollamaCommands('my-run', "It's lost.")).toBe("ollama create my-run -f Modelfile\nollama run my-run 'It'\\''s lost.'");
  });
});

it('a README has all of them', () => {
  const readme = ggufReadme('my run', 'What it is.', { note: 'What differs.', files: merged, prompt, ollama: 'my-run' });
  for (const part of [
    '# my run',
    'What it is.',
    'What differs.',
    llamaCppCommand(merged, prompt),
    llamaCppPython(merged, prompt),
    'ollama create my-run',
  ]) {
    expect(readme).toContain(part);
  }
});
