import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SlicesReport } from '../api/slices';
import { adapterRecord, evaluationOf } from '../testing/adapterRecord';
import { writeModelCard } from './modelCard';
import { pythonLines, pythonString } from './python';

const adapter = { adapterPath: 'nano-adapter', baseName: 'nano-gpt2', baseIsOnHub: false, baseRevision: null, ggufFile: null, weightStorage: 'float16', labels: ['a "b"', 'c\\d'], padTokenId: 0, maxLength: 128, example: 'Where is my card?' } as const; // prettier-ignore

/** What Python makes of a double-quoted literal that uses only the escapes below. */
function readByPython(literal: string): string {
  const escapes: Record<string, string> = { n: '\n', '"': '"', '\\': '\\' };
  return literal.slice(1, -1).replace(/\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)/gs, (_, kind: string) => {
    if (/^[uU]./.test(kind)) return String.fromCodePoint(Number.parseInt(kind.slice(1), 16));
    const meant = escapes[kind];
    if (meant === undefined) throw new Error(`Python has no such escape here: ${kind}`);
    return meant;
  });
}

test('any text becomes a literal on one line that Python reads as that text', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\r', "'", '#', '\0', '\u2028', '{', 'n', 'U', 'é', '😀') })); // prettier-ignore
  fc.assert(
    fc.property(anyText, (text) => {
      const literal = pythonString(text);
      expect(readByPython(literal)).toBe(text);
      expect(literal).not.toMatch(/[\r\n\0\u2028\u202e]/);
      // No bare quote ends the literal early: every inner one stands behind an odd run of backslashes.
      expect(literal.slice(1, -1).replace(/\\./gs, '')).not.toContain('"');
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('the lines name base, head, labels and padding', () => {
  const lines = pythonLines(adapter);
  expect(lines).toContain('base_name = "nano-gpt2"');
  expect(lines).toContain('    "a \\"b\\"",\n    "c\\\\d",');
  expect(lines).toContain('    num_labels=len(labels),');
  expect(lines).toContain('    pad_token_id=0,');
  expect(lines).toContain('PeftModel.from_pretrained(base.float(), adapter_path)');
  expect(lines).not.toContain('revision=');
  const hub = pythonLines({ ...adapter, baseName: 'openai-community/gpt2', baseIsOnHub: true, baseRevision: 'abc' });
  expect(hub.match(/revision="abc"/g)).toHaveLength(2);
  expect(hub).not.toMatch(/gguf|rounded/);
  const gguf = pythonLines({ ...adapter, ggufFile: 'tiny.Q8_0.gguf', weightStorage: 'int4' });
  expect(gguf).toContain('gguf_file = "tiny.Q8_0.gguf"');
  expect(gguf.match(/gguf_file=gguf_file/g)).toHaveLength(2);
  expect(gguf).toContain('rounded to 4-bit blocks');
});

test('the card of a dataset of the Hub names it as the Hub reads it, and the rows that were taken', () => {
  const record = adapterRecord(['neg', 'pos']);
  const splits = { train: 'train', validation: null, test: 'validation' };
  const hub = {
    id: 'someone/reviews',
    config: 'default',
    splits,
    text: 'text',
    label: 'label',
    rows: 240,
    choose: 'spread' as const,
  };
  const card = writeModelCard({ ...record, data: { ...record.data, hub } }, pythonLines(adapter));
  expect(card).toMatch(
    /^---\nbase_model: nano-gpt2\nlibrary_name: peft\nlicense: mit\ndatasets:\n- someone\/reviews\npipeline_tag/,
  );
  expect(card).toContain(
    '- From the Hugging Face Hub: `someone/reviews`, configuration `default`, `train` as train, `validation` as test; at most 240 rows of each split, at even distances',
  );
  const first = { ...hub, choose: 'first' as const };
  expect(writeModelCard({ ...record, data: { ...record.data, hub: first } }, '')).toContain(
    '240 rows of each split, from its top',
  );
  expect(writeModelCard({ ...record, data: { ...record.data, hub: { ...hub, rows: null } } }, '')).toContain('as test; all rows');
});

test('the card tells base, figures, settings, data and what was not done', () => {
  const card = writeModelCard(adapterRecord(['late card', 'pin']), pythonLines(adapter));
  expect(card.split('\n').slice(0, 10)).toEqual([
    '---',
    'base_model: nano-gpt2',
    'library_name: peft',
    'license: mit',
    'pipeline_tag: text-classification',
    'tags:',
    '- base_model:adapter:nano-gpt2',
    '- lora',
    '- transformers',
    '- tunelet',
  ]);
  for (const words of [
    '| Accuracy | 0.2500 | 0.9375 | 0.8875 to 0.9875 |',
    'head is untrained',
    'scores an accuracy of 0.3000',
    '- 1: `pin`',
    '`lora_alpha`: 16',
    '`fp16`: false',
    '`gradient_checkpointing`: false',
    'were not applied while training',
    '100 texts for training, 20 for validation',
    'base_name = "nano-gpt2"',
    'Banking77 (CC BY 4.0)',
  ]) {
    expect(card).toContain(words);
  }
});

test('a card says what half precision did, and nothing of it where there was none', () => {
  const record = adapterRecord(['late card', 'pin']);
  expect(writeModelCard(record, '')).not.toContain('held as float16');
  const halves = { settings: { ...record.settings, fp16: true }, result: { ...record.result, skippedSteps: 3 } };
  expect(writeModelCard({ ...record, ...halves }, '')).toContain('3 steps were skipped for an overflow');
});

test('a card says after which step the learning rate was halved, where it was', () => {
  const record = adapterRecord(['late card', 'pin']);
  expect(writeModelCard(record, '')).not.toContain('half the scheduled');
  const result = { ...record.result, rateHalvedAfter: 400 };
  expect(writeModelCard({ ...record, result }, '')).toContain('after step 400: from there on half the scheduled learning rate');
});

test('a card says how texts were prepared', () => {
  const record = adapterRecord(['late card', 'pin']);
  expect(writeModelCard(record, '')).toContain('- Columns: text `message`, label `topic`\n');
  expect(writeModelCard(record, '')).toContain('- Cleaning: none, texts as they are');
  const { mapping, cleaning } = record.result.preparation;
  const preparation = {
    ...record.result.preparation,
    mapping: { ...mapping, textPair: { column: 'reply', joiner: '\n' } },
    cleaning: { ...cleaning, html: true, minWords: 3 },
  };
  const card = writeModelCard({ ...record, result: { ...record.result, preparation } }, '');
  expect(card).toContain('text `message`, then `reply` after `"\\n"`, label `topic`');
  expect(card).toContain('should go through too: `clean.html`, `clean.min_words=3`');
});

test('a card says what each class weighed in the loss', () => {
  const record = adapterRecord(['late card', 'pin']);
  expect(writeModelCard(record, '')).not.toContain('weighed');
  const card = writeModelCard({ ...record, result: { ...record.result, classWeights: [0.53125, 8.5] } }, '');
  expect(card).toContain('`late card` 0.5313, `pin` 8.500.');
  expect(card).toContain('Every loss is the weighted mean over the texts of a step');
});

test('a card lists slices, marks those of a few texts and keeps to some', () => {
  const figures = (accuracy: number) => ({
    loss: 1, accuracy, macroPrecision: 0.5, macroRecall: 0.5, macroF1: 0.625, weightedF1: 0.5, calibrationError: 0.1,
    intervals: { accuracy: [accuracy - 0.05, accuracy + 0.05] as [number, number], macroF1: [0.5, 0.7] as [number, number] },
  }); // prettier-ignore
  const slice = (value: string, rows: number, range: string | null = null) => {
    return {
      value,
      range,
      rows,
      tooFew: rows < 20,
      base: rows === 0 ? null : figures(0.25),
      tuned: rows === 0 ? null : figures(0.75),
    };
  };
  const groups: SlicesReport['groups'] = [
    {
      kind: 'length',
      by: 'length',
      division: 'bands',
      slices: [slice('short', 40, 'under 50 words'), slice('long', 0, 'over 200 words')],
    },
    {
      kind: 'column',
      by: 'genre',
      division: null,
      slices: Array.from({ length: 30 }, (_, index) => slice(`a|b ${index}`, index === 0 ? 19 : 30)),
    },
  ];
  const report: SlicesReport = {
    split: 'test',
    rows: 40,
    columns: ['genre'],
    all: { base: figures(0.25), tuned: figures(0.75) },
    groups,
  };
  const card = writeModelCard(adapterRecord(['late card', 'pin']), '', report);
  expect(card).toContain('| short, under 50 words | 40 | 0.2500 | 0.7500 | 0.7000 to 0.8000 | 0.6250 | 0.6250 |');
  expect(card).toContain('| `genre` `a¦b 0` | 19 | 0.2500 | 0.7500 | 0.7000 to 0.8000, too few to tell |');
  expect(card).not.toContain('over 200 words');
  expect(card).toContain('7 more slices are left out here.');
  expect(writeModelCard(adapterRecord(['late card', 'pin']), '')).not.toContain('Slices');
});

test('names that would break the card stay text', () => {
  const nasty = ['```\n# boo', 'a|b', '`tick`', '<script>'];
  const record = adapterRecord(nasty, { base: { name: 'my: #model\n---', source: 'files', revision: null, licence: null } });
  const card = writeModelCard(record, pythonLines({ ...adapter, labels: nasty }));
  expect(card).toContain('base_model: "my: #model\\n---"');
  expect(card.match(/^---$/gm)).toHaveLength(2);
  expect(card.match(/^```/gm)).toHaveLength(2);
  expect(card).not.toMatch(/^# boo/m);
});

test('an adapter by prompt says how it is asked, and its lines ask so', () => {
  const prompt = { systemText: 'Say "good"\nor bad.', question: 'Message: {text}\n', isChat: true, maxNewTokens: 16 };
  const chat = pythonLines({ ...adapter, prompt });
  expect(chat).toContain('AutoModelForCausalLM');
  expect(chat).toContain('    {"role": "system", "content": "Say \\"good\\"\\nor bad."},');
  expect(chat).toContain('question = "Message: {text}\\n".replace("{text}", "Where is my card?")');
  expect(chat).not.toContain('num_labels');
  const plain = pythonLines({ ...adapter, prompt: { ...prompt, systemText: '', isChat: false } });
  expect(plain).toContain('prompt = question\n');
  expect(plain).not.toContain('messages');

  const record = adapterRecord(['bad', 'good']);
  const asked = { text: 'Fine.', label: 'good', base: { text: 'Hm', label: null }, tuned: { text: 'good', label: 'good' } };
  const figures = (accuracy: number, unparsed: number) => ({ ...evaluationOf(['bad', 'good'], accuracy), count: 1, unparsed });
  const sides = { base: figures(0, 1), tuned: figures(1, 0) };
  const written = { samples: [asked], unparsed: { base: 1, tuned: 0 }, ...sides, righted: 1, lost: 0 };
  const settings = { ...record.settings, task: 'prompt' as const, systemText: 'Sort.', promptTemplate: '{text}\n{label}' };
  const card = writeModelCard({ ...record, settings, result: { ...record.result, settings, task: 'prompt', written } }, chat);
  expect(card).toContain('pipeline_tag: text-generation');
  expect(card).toContain('- System text: `Sort.`\n- Template: `{text}⏎{label}`');
  expect(card).toContain('1.0000 of the base model’s answers and 0.0000 of the tuned one’s named no label');
  expect(card).toContain('macro-F1 is 0.0000 before and 1.0000 after');
  expect(card).not.toContain('untrained');
});
