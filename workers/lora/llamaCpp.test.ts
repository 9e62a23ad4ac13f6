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
  return template.replaceAll(/\{\{ (?:"((?:\\x[0-9a-f]{2})+)"|(\.Prompt)) \}\}/g, (_, hex?: string) =>
    hex === undefined ? text : hex.replaceAll(/\\x(..)/g, (__, code: string) => String.fromCharCode(parseInt(code, 16))),
  );
}

describe('lines for llama.cpp', () => {
  it('name the files and ask greedily, whatever stands in the prompt', () => {
    const command = llamaCppCommand(apart, prompt);
    expect(command).toMatch(/^llama-completion -m base\.gguf --lora run-adapter\.gguf -no-cnv --temp 0 -n 6 -p '/);
    expect(command).not.toContain('\n');
    expect(readBack(command)).toBe('It\'s \\ this:\nA "card" is lost.\nTopic:');
    expect(llamaCppCommand(merged, prompt)).not.toContain('--lora');
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

  it('is made and run by two commands', () => {
    expect(ollamaCommands('my-run', "It's lost.")).toBe("ollama create my-run -f Modelfile\nollama run my-run 'It'\\''s lost.'");
  });
});

it('a README has all of them', () => {
  const readme = ggufReadme('my run', { what: 'What it is.', files: merged, prompt, ollama: 'my-run' });
  for (const part of [
    '# my run',
    'What it is.',
    llamaCppCommand(merged, prompt),
    llamaCppPython(merged, prompt),
    'ollama create my-run',
  ]) {
    expect(readme).toContain(part);
  }
});
