import { TuneletError } from '../api/errors';
import { placeholders, templateProblem, templateRemedy } from '../api/promptTemplate';
import type { ChatFormat, ChatMessage } from './chatFormat';

/** How a row becomes a question with an answer. */
export interface PromptSettings {
  /** Empty: none. */
  systemText: string;
  /** Has `{text}`, and `{label}` after it. */
  promptTemplate: string;
}

/** A row as the model sees it. */
export interface RenderedPrompt {
  /** Up to where the answer begins. */
  prompt: string;
  /** The answer as it is written there, closed as the chat format closes it. */
  answer: string;
}

/** Writes rows as prompts by a template and, where there is one, the model's chat format. */
export class PromptWriter {
  private readonly before: string;
  private readonly after: string;
  private readonly systemText: string;
  private readonly chat: ChatFormat | null;
  /** As the chat format writes them, by label. */
  private readonly answers = new Map<string, string>();

  /** Throws settings/invalid where the template lacks a placeholder or has `{label}` before `{text}`. */
  constructor({ systemText, promptTemplate }: PromptSettings, chat: ChatFormat | null) {
    const [before, after] = partsOf(promptTemplate);
    this.before = before;
    this.after = after;
    this.systemText = systemText;
    this.chat = chat;
  }

  /** True where the answer's end is part of what is written; else the tokenizer's end of text follows it. */
  get closesAnswers(): boolean {
    return this.chat !== null;
  }

  /** Throws settings/invalid where the chat format does not put the answer after the prompt. */
  write(text: string, label: string): RenderedPrompt {
    const { prompt, answers } = this.writeAll(text, [label]);
    return { prompt, answer: answers[0] ?? '' };
  }

  /** The same with each of several labels; the prompt is theirs in common. */
  writeAll(text: string, labels: readonly string[]): { prompt: string; answers: string[] } {
    // The text may itself look like a placeholder or a pattern of `replace`.
    const question = this.before.split(placeholders.text).join(text);
    const { chat, systemText } = this;
    if (!chat) {
      const prompt = systemText === '' ? question : `${systemText}\n${question}`;
      return { prompt, answers: labels.map((label) => label + this.after) };
    }
    const messages: ChatMessage[] = [
      ...(systemText === '' ? [] : [{ role: 'system', content: systemText } as const]),
      // A chat format marks where the turn ends: white space before {label} would only stand in the way.
      { role: 'user', content: question.trimEnd() },
    ];
    const prompt = chat.render(messages, true);
    const rendered = (label: string): string => {
      const whole = chat.render([...messages, { role: 'assistant', content: label + this.after }], false);
      if (!whole.startsWith(prompt)) throw answerElsewhere(prompt, whole);
      return whole.slice(prompt.length);
    };
    return { prompt, answers: this.renderedAnswers(labels, rendered) };
  }

  /**
   * Rendering takes far longer than anything else here, and a template writes an answer alike whatever it answers: one label tells
   * whether it does so for this text, too.
   */
  private renderedAnswers(labels: readonly string[], rendered: (label: string) => string): string[] {
    const [first, ...others] = labels;
    if (first === undefined) return [];
    const own = rendered(first);
    if ((this.answers.get(first) ?? own) !== own) this.answers.clear();
    this.answers.set(first, own);
    return [own, ...others.map((label) => this.remembered(label, rendered))];
  }

  private remembered(label: string, rendered: (label: string) => string): string {
    const answer = this.answers.get(label) ?? rendered(label);
    this.answers.set(label, answer);
    return answer;
  }
}

function partsOf(template: string): [before: string, after: string] {
  const problem = templateProblem(template);
  if (problem !== null) throw new TuneletError('settings/invalid', problem, templateRemedy);
  const [before = '', after = ''] = template.split(placeholders.label);
  return [before, after];
}

function answerElsewhere(prompt: string, whole: string): TuneletError {
  return new TuneletError(
    'settings/invalid',
    `The model's chat template writes a conversation with an answer (${whole.length} characters) otherwise than the same one that ends where the answer begins (${prompt.length} characters), so it is unclear where the answer stands.`,
    'Choose no chat format, and write the turns into the template.',
  );
}
