import { placeholders } from '../api/promptTemplate';
import { inline } from './card/markdown';
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

/** One line for a shell, which writes the answer and ends. llama.cpp reads `\n` and the like in a prompt itself. */
export function llamaCppCommand({ model, adapter }: LlamaCppFiles, prompt: LlamaCppPrompt): string {
  const lora = adapter === null ? '' : ` --lora ${shellWord(adapter)}`;
  // Without -c the program takes memory for all positions of the model, without -no-cnv it asks for more to say.
  const manner = `-c ${prompt.contextLength} -no-cnv --no-display-prompt --temp 0 -n ${prompt.maxNewTokens}`;
  return `llama-completion -m ${shellWord(model)}${lora} ${manner} -p '${escaped(asked(prompt))}'`;
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
  return [`ollama create ${name} -f Modelfile`, `ollama run ${name} ${quoted(example)}`].join('\n');
}

/** How a folder with GGUF files is used. */
export interface GgufUse {
  /** What llama.cpp computes otherwise, or null. */
  note: string | null;
  files: LlamaCppFiles;
  prompt: LlamaCppPrompt;
  /** The model's name there. */
  ollama: string;
}

/** README.md of a folder with GGUF files. `what`: as Markdown. */
export function ggufReadme(name: string, what: string, use: GgufUse): string {
  return `${[`# ${inline(name)}`, what, ...ggufUse(use)].join('\n\n')}\n`;
}

/** Paragraphs of Markdown for those who run it. */
export function ggufUse({ note, files, prompt, ollama }: GgufUse): string[] {
  const fenced = (language: string, text: string): string => `\`\`\`\`\`${language}\n${text}\n\`\`\`\`\``;
  return [
    ...(note === null ? [] : [note]),
    'In a shell, with a current llama.cpp:',
    fenced('sh', llamaCppCommand(files, prompt)),
    'In Python:',
    fenced('python', llamaCppPython(files, prompt)),
    'With Ollama:',
    fenced('sh', ollamaCommands(ollama, prompt.example)),
  ];
}

function asked({ prompt, example }: LlamaCppPrompt): string {
  return prompt.split(placeholders.text).join(example);
}

/** A file's name as one word for the shell: a file that a user brought may be called anything. */
function shellWord(name: string): string {
  return /^[\w./][\w./-]*$/.test(name) ? name : quoted(name.startsWith('-') ? `./${name}` : name);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
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

/**
 * Braces and quotation marks that would mean something to Ollama are written as texts of the template's own, and so is what it leaves out
 * as it reads a Modelfile: every sign that does not print, spaces other than the plain one among them.
 */
function goTemplate(prompt: string): string {
  const literal = (text: string): string =>
    text.replaceAll(
      /\{{2,}|\{$|"(?=")|"$|(?![ \n\r\t])[\p{Z}\p{C}]+/gu,
      (found) => `{{ "${Array.from(found, goEscape).join('')}" }}`,
    );
  return prompt.split(placeholders.text).map(literal).join('{{ .Prompt }}');
}

function goEscape(sign: string): string {
  const code = sign.toWellFormed().codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
