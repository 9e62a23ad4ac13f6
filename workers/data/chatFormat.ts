import type { Template } from '@huggingface/jinja';
import { TuneletError } from '../api/errors';
import { parseTemplate, renderBounded, TemplateFault } from './boundedTemplate';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** A model's own way of writing a conversation as one text. */
export interface ChatFormat {
  /** `answerNext`: ends where the model's answer begins. Throws settings/invalid where the template refuses the messages. */
  render(messages: readonly ChatMessage[], answerNext: boolean): string;
}

/** What the tokenizer's files say of it. */
export interface ChatFormatSource {
  /** Jinja. */
  chatTemplate: string;
  beginOfText: string | null;
  endOfText: string | null;
}

/** Throws model/bad-tokenizer where the template is none; `render` does so where it loops for ever or grows beyond bounds. */
export function createChatFormat({ chatTemplate, beginOfText, endOfText }: ChatFormatSource): ChatFormat {
  const template = parse(chatTemplate);
  const names = { bos_token: beginOfText ?? '', eos_token: endOfText ?? '' };
  return {
    render(messages, answerNext) {
      try {
        return renderBounded(template, {
          ...names,
          messages: messages.map((message) => ({ ...message })),
          add_generation_prompt: answerNext,
        });
      } catch (thrown) {
        if (thrown instanceof TemplateFault) throw hostileTemplate(thrown);
        throw new TuneletError(
          'settings/invalid',
          `The model's chat template refused ${messages.map(({ role }) => role).join(', ')}: ${messageOf(thrown)}`,
          messages.some(({ role }) => role === 'system')
            ? 'Leave the system text empty and write it into the template, or choose no chat format.'
            : 'Choose no chat format.',
        );
      }
    },
  };
}

/**
 * Tries a template on a conversation of one turn. One that cannot be used is left alone, for a model can be used without it.
 * @throws TuneletError 'model/bad-tokenizer' where it loops for ever or grows beyond bounds
 */
export function refuseHostileTemplate(source: ChatFormatSource): void {
  try {
    createChatFormat(source).render([{ role: 'user', content: 'A first text.' }], true);
  } catch (thrown) {
    if (thrown instanceof TuneletError && thrown.details['isHostile'] === true) throw thrown;
  }
}

function parse(chatTemplate: string): Template {
  try {
    return parseTemplate(chatTemplate);
  } catch (thrown) {
    throw thrown instanceof TemplateFault ? hostileTemplate(thrown) : badTemplate(messageOf(thrown));
  }
}

function badTemplate(reason: string, details: TuneletError['details'] = {}): TuneletError {
  return new TuneletError(
    'model/bad-tokenizer',
    `The model's chat template cannot be used: ${reason}`,
    'Choose no chat format, or use the tokenizer files that belong to the model, unchanged.',
    details,
  );
}

function hostileTemplate({ message }: TemplateFault): TuneletError {
  return badTemplate(`it ${message}.`, { isHostile: true });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
