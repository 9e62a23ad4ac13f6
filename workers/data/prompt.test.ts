import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../tokenizer/tokenizer';
import { createChatFormat } from './chatFormat';
import { PromptEncoder } from './promptEncoding';
import { PromptWriter } from './promptTemplate';

const chatMl =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe helpful<|im_end|>\n' }}{% endif %}" +
  "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

const chat = createChatFormat({ chatTemplate: chatMl, beginOfText: '<s>', endOfText: '<|im_end|>' });

const file = new URL('../testing/fixtures/tokenizer/tokenizer.json', import.meta.url);
const tokenizer = createTokenizer({ tokenizerJson: readFileSync(file, 'utf8') });
const text = (ids: Int32Array): string => tokenizer.decode([...ids]);

describe('a chat format', () => {
  it('writes a conversation up to the answer', () => {
    expect(chat.render([{ role: 'user', content: 'Hi' }], true)).toBe(
      '<|im_start|>system\nBe helpful<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('says so where the template refuses the messages', () => {
    const strict = createChatFormat({
      chatTemplate: "{% if messages[0].role == 'system' %}{{ raise_exception('No system role') }}{% endif %}",
      beginOfText: null,
      endOfText: null,
    });
    expect(() => strict.render([{ role: 'system', content: 'x' }], true)).toThrow('No system role');
  });

  it('refuses what is no template', () => {
    expect(() => createChatFormat({ chatTemplate: '{% for %}', beginOfText: null, endOfText: null })).toThrow('chat template');
  });
});

describe('a prompt', () => {
  it('has the user turn before {label} and the closed answer after it', () => {
    const writer = new PromptWriter({ systemText: 'Sort.', promptTemplate: 'Message: {text}\nWhat is it?\n{label}' }, chat);
    expect(writer.write('A $& {label}', 'praise')).toEqual({
      prompt:
        '<|im_start|>system\nSort.<|im_end|>\n<|im_start|>user\nMessage: A $& {label}\nWhat is it?<|im_end|>\n<|im_start|>assistant\n',
      answer: 'praise<|im_end|>\n',
    });
  });

  it('stands as it is without a chat format', () => {
    const writer = new PromptWriter({ systemText: '', promptTemplate: '{text} It was {label}.' }, null);
    expect(writer.write('Rain.', 'bad')).toEqual({ prompt: 'Rain. It was ', answer: 'bad.' });
  });

  it.each(['{text}', '{label} {text}', '{text} {label} {label}'])('refuses the template %s', (promptTemplate) => {
    expect(() => new PromptWriter({ systemText: '', promptTemplate }, null)).toThrow('template');
  });

  it('refuses a chat format that writes the answer elsewhere', () => {
    const turned = createChatFormat({
      chatTemplate: '{% for m in messages | reverse %}{{ m.content }}\n{% endfor %}',
      beginOfText: null,
      endOfText: null,
    });
    const writer = new PromptWriter({ systemText: '', promptTemplate: '{text}{label}' }, turned);
    expect(() => writer.write('Rain.', 'bad')).toThrow('where the answer stands');
  });
});

describe('a prompt in tokens', () => {
  const writer = new PromptWriter({ systemText: '', promptTemplate: '{text} It was {label}' }, null);
  const labels = ['good', 'terrible'];
  const encoder = new PromptEncoder(tokenizer, writer, labels, 40);

  it('gives a token that spans the border to the answer', () => {
    const { prefix, continuations } = encoder.labelled('Rain again.');
    expect(text(prefix)).toBe('Rain again. It was');
    expect(continuations.map(text)).toEqual([' good', ' terrible']);
    for (const [index, label] of labels.entries()) {
      const whole = [...prefix, ...(continuations[index] ?? [])];
      expect(whole).toEqual([...tokenizer.encode(`Rain again. It was ${label}`), tokenizer.endOfTextId]);
    }
  });

  it('learns the answer and its end alone', () => {
    const { ids, answerStart } = encoder.answered('Rain again.', 1);
    expect(text(ids.subarray(answerStart))).toBe(' terrible');
    expect(ids.at(-1)).toBe(tokenizer.endOfTextId);
  });

  it('cuts the text, never the answer', () => {
    const long = 'word '.repeat(200);
    const { prefix, continuations } = encoder.labelled(long);
    const longest = Math.max(...continuations.map(({ length }) => length));
    expect(prefix.length + longest).toBeLessThanOrEqual(40);
    expect(prefix.length + longest).toBeGreaterThan(36);
    expect(text(prefix).endsWith(' It was')).toBe(true);
    expect(continuations.map(text)).toEqual([' good', ' terrible']);
  });

  it('refuses a template that is too long by itself', () => {
    const small = new PromptEncoder(tokenizer, writer, labels, 4);
    expect(() => small.labelled('Rain again.')).toThrow('max_length');
  });
});
