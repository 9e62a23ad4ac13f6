export interface PythonAdapter {
  /** Where the adapter's folder lies, as Python will be told. */
  adapterPath: string;
  /** Hub id, or the folder that holds the base's files. */
  baseName: string;
  baseIsOnHub: boolean;
  /** Commit of the Hub, or null for its newest. */
  baseRevision: string | null;
  labels: readonly string[];
  padTokenId: number;
  /** In tokens. */
  maxLength: number;
  /** A text to classify. */
  example: string;
}

/** Python lines that load base, adapter and tokenizer and classify one text; they run as they stand beside the files. */
export function pythonLines(adapter: PythonAdapter): string {
  const base = pythonString(adapter.baseName);
  const revision = adapter.baseIsOnHub && adapter.baseRevision !== null ? `, revision=${pythonString(adapter.baseRevision)}` : '';
  const note = adapter.baseIsOnHub ? '' : '  # the unpacked folder with the base model’s files';
  return [
    'import torch',
    'from peft import PeftModel',
    'from transformers import AutoModelForSequenceClassification, AutoTokenizer',
    '',
    `base_name = ${base}${note}`,
    `adapter_path = ${pythonString(adapter.adapterPath)}  # the unpacked adapter`,
    'labels = [',
    ...adapter.labels.map((label) => `    ${pythonString(label)},`),
    ']',
    '',
    'base = AutoModelForSequenceClassification.from_pretrained(',
    `    base_name${revision},`,
    '    num_labels=len(labels),',
    '    id2label=dict(enumerate(labels)),',
    '    label2id={label: index for index, label in enumerate(labels)},',
    `    pad_token_id=${adapter.padTokenId},`,
    ')',
    'model = PeftModel.from_pretrained(base.float(), adapter_path).eval()',
    `tokenizer = AutoTokenizer.from_pretrained(base_name${revision})`,
    '',
    `inputs = tokenizer(${pythonString(adapter.example)}, truncation=True, max_length=${adapter.maxLength}, return_tensors="pt")`,
    'with torch.no_grad():',
    '    shares = model(**inputs).logits.softmax(-1)[0]',
    'print(labels[int(shares.argmax())], float(shares.max()))',
  ].join('\n');
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
