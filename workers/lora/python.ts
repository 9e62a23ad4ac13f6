import type { TrainingSettings } from '../api/settings';

/** How the base model is asked, by prompt. */
export interface PythonPrompt {
  systemText: string;
  /** What stands before the answer, with `{text}`. */
  question: string;
  isChat: boolean;
  maxNewTokens: number;
}

export interface PythonAdapter {
  /** Where the adapter's folder lies, as Python will be told. */
  adapterPath: string;
  /** Hub id, or the folder that holds the base's files. */
  baseName: string;
  baseIsOnHub: boolean;
  /** Commit of the Hub, or null for its newest. */
  baseRevision: string | null;
  /** The GGUF file in that folder or repository that holds the base; null for safetensors. */
  ggufFile: string | null;
  /** How the frozen weights were held in training. */
  weightStorage: TrainingSettings['weightStorage'];
  labels: readonly string[];
  padTokenId: number;
  /** In tokens. */
  maxLength: number;
  /** A text to classify. */
  example: string;
  /** Null where the adapter has a head of its own. */
  prompt?: PythonPrompt | null;
}

/** Python lines that load base, adapter and tokenizer and answer one text; they run as they stand beside the files. */
export function pythonLines(adapter: PythonAdapter): string {
  const { prompt = null } = adapter;
  return [...noteLines(adapter), ...(prompt ? promptLines(adapter, prompt) : headLines(adapter))].join('\n');
}

/** What whoever runs the lines has to know of the base. */
function noteLines({ ggufFile, weightStorage }: PythonAdapter): string[] {
  const rounded = { float32: null, float16: null, int8: '8-bit', int4: '4-bit' }[weightStorage];
  return [
    ...(ggufFile === null ? [] : ['# transformers needs the package gguf for this base: pip install gguf']),
    ...(rounded === null
      ? []
      : [`# Tuned over weights rounded to ${rounded} blocks. Here they load unrounded, so answers can differ a little.`]),
  ];
}

/** Names of the files, and what every call that loads the base takes beside its name. */
function baseOf({ baseName, baseIsOnHub, baseRevision, ggufFile, adapterPath }: PythonAdapter): {
  names: string[];
  options: string;
  held: string;
} {
  const note = baseIsOnHub
    ? ''
    : ggufFile === null
      ? '  # the folder with the base model’s files'
      : '  # the folder with the GGUF file';
  return {
    names: [
      `base_name = ${pythonString(baseName)}${note}`,
      ...(ggufFile === null ? [] : [`gguf_file = ${pythonString(ggufFile)}`]),
      `adapter_path = ${pythonString(adapterPath)}  # the unpacked adapter`,
    ],
    // A base from a GGUF file is float32 already, and refuses to be made so.
    held: ggufFile === null ? 'base.float()' : 'base',
    options:
      (ggufFile === null ? '' : ', gguf_file=gguf_file') +
      (baseIsOnHub && baseRevision !== null ? `, revision=${pythonString(baseRevision)}` : ''),
  };
}

function headLines(adapter: PythonAdapter): string[] {
  const { names, options, held } = baseOf(adapter);
  return [
    'import torch',
    'from peft import PeftModel',
    'from transformers import AutoModelForSequenceClassification, AutoTokenizer',
    '',
    ...names,
    'labels = [',
    ...adapter.labels.map((label) => `    ${pythonString(label)},`),
    ']',
    '',
    'base = AutoModelForSequenceClassification.from_pretrained(',
    `    base_name${options},`,
    '    num_labels=len(labels),',
    '    id2label=dict(enumerate(labels)),',
    '    label2id={label: index for index, label in enumerate(labels)},',
    `    pad_token_id=${adapter.padTokenId},`,
    ')',
    `model = PeftModel.from_pretrained(${held}, adapter_path).eval()`,
    `tokenizer = AutoTokenizer.from_pretrained(base_name${options})`,
    '',
    `inputs = tokenizer(${pythonString(adapter.example)}, truncation=True, max_length=${adapter.maxLength}, return_tensors="pt")`,
    'with torch.no_grad():',
    '    shares = model(**inputs).logits.softmax(-1)[0]',
    'print(labels[int(shares.argmax())], float(shares.max()))',
  ];
}

/** The adapter's answer to one text, as Tunelet lets it write. */
function promptLines(adapter: PythonAdapter, prompt: PythonPrompt): string[] {
  const { names, options, held } = baseOf(adapter);
  return [
    'import torch',
    'from peft import PeftModel',
    'from transformers import AutoModelForCausalLM, AutoTokenizer',
    '',
    ...names,
    '',
    `base = AutoModelForCausalLM.from_pretrained(base_name${options})`,
    `model = PeftModel.from_pretrained(${held}, adapter_path).eval()`,
    `tokenizer = AutoTokenizer.from_pretrained(base_name${options})`,
    '',
    ...askingLines(adapter.example, prompt),
  ];
}

function askingLines(example: string, { systemText, question, isChat, maxNewTokens }: PythonPrompt): string[] {
  const system = systemText === '' ? [] : [`    {"role": "system", "content": ${pythonString(systemText)}},`];
  const chat = [
    'messages = [',
    ...system,
    '    {"role": "user", "content": question.rstrip()},',
    ']',
    'prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)',
    'inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")',
  ];
  const plain = [
    `prompt = ${systemText === '' ? 'question' : `${pythonString(`${systemText}\n`)} + question`}`,
    '# A space before the answer belongs to the answer’s first token.',
    'inputs = tokenizer(prompt.rstrip(" "), return_tensors="pt")',
  ];
  return [
    `question = ${pythonString(question)}.replace("{text}", ${pythonString(example)})`,
    ...(isChat ? chat : plain),
    'with torch.no_grad():',
    `    ids = model.generate(**inputs, max_new_tokens=${maxNewTokens}, do_sample=False)`,
    'print(tokenizer.decode(ids[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))',
  ];
}

/** Base and adapter as one model, in a folder. */
export interface PythonMerged {
  folder: string;
  /** In tokens. */
  maxLength: number;
  example: string;
  /** Null where it classifies. */
  prompt: PythonPrompt | null;
}

/** Python lines that answer one text with a merged model; they run beside its folder. */
export function mergedPythonLines({ folder, maxLength, example, prompt }: PythonMerged): string {
  const path = `model_path = ${pythonString(folder)}  # the unpacked model`;
  const lines = prompt
    ? [
        'import torch',
        'from transformers import AutoModelForCausalLM, AutoTokenizer',
        '',
        path,
        'model = AutoModelForCausalLM.from_pretrained(model_path).eval()',
        'tokenizer = AutoTokenizer.from_pretrained(model_path)',
        '',
        ...askingLines(example, prompt),
      ]
    : [
        'from transformers import pipeline',
        '',
        path,
        'classify = pipeline("text-classification", model_path)',
        `print(classify(${pythonString(example)}, truncation=True, max_length=${maxLength}))`,
      ];
  return lines.join('\n');
}

/** A Python literal on one line. Whatever does not print as itself is escaped. */
export function pythonString(text: string): string {
  let body = '';
  for (const character of text) {
    if (character === '"' || character === '\\') body += `\\${character}`;
    else if (character === '\n') body += '\\n';
    else if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(character)) body += escaped(character.codePointAt(0)!);
    else body += character;
  }
  return `"${body}"`;
}

function escaped(codePoint: number): string {
  const hex = codePoint.toString(16);
  return codePoint > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
