import { placeholders } from '../api/promptTemplate';
import { pythonString } from './python';

/** How a model in llama.cpp is asked. */
export interface LlamaCppPrompt {
  /** As the model reads it, with `{text}`; llama.cpp puts a beginning-of-text token before it by itself. */
  prompt: string;
  maxNewTokens: number;
  /** In tokens, prompt and answer together. */
  contextLength: number;
  /** The text of the token that ends an answer, or null. */
  stop: string | null;
  /** A text to ask with. */
  example: string;
}

/** Files in the folder in which the lines are run. */
export interface LlamaCppFiles {
  model: string;
  /** Null where it is in the model's weights. */
  adapter: string | null;
}

/** One line for a shell. llama.cpp reads `\n` and the like in a prompt itself. */
export function llamaCppCommand({ model, adapter }: LlamaCppFiles, prompt: LlamaCppPrompt): string {
  const lora = adapter === null ? '' : ` --lora ${adapter}`;
  return `llama-completion -m ${model}${lora} -no-cnv --temp 0 -n ${prompt.maxNewTokens} -p '${escaped(asked(prompt))}'`;
}

/** Python lines for the package llama-cpp-python. */
export function llamaCppPython({ model, adapter }: LlamaCppFiles, prompt: LlamaCppPrompt): string {
  const lora = adapter === null ? '' : `, lora_path=${pythonString(adapter)}`;
  return [
    '# pip install llama-cpp-python',
    'from llama_cpp import Llama',
    '',
    `model = Llama(${pythonString(model)}${lora}, n_ctx=${prompt.contextLength}, verbose=False)`,
    `prompt = ${pythonString(prompt.prompt)}.replace("${placeholders.text}", ${pythonString(prompt.example)})`,
    `answer = model(prompt, max_tokens=${prompt.maxNewTokens}, temperature=0, repeat_penalty=1)`,
    'print(answer["choices"][0]["text"])',
  ].join('\n');
}

/** A Modelfile for Ollama: what is typed takes the text's place in the prompt. */
export function modelfile({ model, adapter }: LlamaCppFiles, prompt: LlamaCppPrompt): string {
  return [
    `FROM ./${model}`,
    ...(adapter === null ? [] : [`ADAPTER ./${adapter}`]),
    `TEMPLATE """${goTemplate(prompt.prompt)}"""`,
    'PARAMETER temperature 0',
    'PARAMETER repeat_penalty 1',
    `PARAMETER num_predict ${prompt.maxNewTokens}`,
    `PARAMETER num_ctx ${prompt.contextLength}`,
    // One with a quotation mark in it cannot be written there; the model's own end is known from its file, too.
    ...(prompt.stop === null || prompt.stop.includes('"') ? [] : [`PARAMETER stop "${prompt.stop}"`]),
    '',
  ].join('\n');
}

/** Lines for a shell, beside a Modelfile. */
export function ollamaCommands(name: string, example: string): string {
  return [`ollama create ${name} -f Modelfile`, `ollama run ${name} '${example.replaceAll("'", String.raw`'\''`)}'`].join('\n');
}

/** README.md of a folder with GGUF files. */
export function ggufReadme(
  name: string,
  { what, files, prompt, ollama }: { what: string; files: LlamaCppFiles; prompt: LlamaCppPrompt; ollama: string },
): string {
  const fenced = (language: string, text: string): string => `\`\`\`\`\`${language}\n${text}\n\`\`\`\`\``;
  return `${[
    `# ${name}`,
    what,
    'In a shell, with a current llama.cpp:',
    fenced('sh', llamaCppCommand(files, prompt)),
    'In Python:',
    fenced('python', llamaCppPython(files, prompt)),
    'With Ollama:',
    fenced('sh', ollamaCommands(ollama, prompt.example)),
  ].join('\n\n')}\n`;
}

function asked({ prompt, example }: LlamaCppPrompt): string {
  return prompt.split(placeholders.text).join(example);
}

/** Within single quotation marks, where the shell leaves everything alone. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll("'", String.raw`\x27`);
}

/** Braces and quotation marks that would mean something to Ollama are written as texts of the template's own. */
function goTemplate(prompt: string): string {
  const literal = (text: string): string =>
    text.replaceAll(
      /\{{2,}|\{$|"(?=")|"$/g,
      (found) => `{{ "${found.replaceAll(/./g, (one) => `\\x${one.charCodeAt(0).toString(16)}`)}" }}`,
    );
  return prompt.split(placeholders.text).map(literal).join('{{ .Prompt }}');
}
