import { Template } from '@huggingface/jinja';
import { TuneletError } from '../api/errors';

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

/** Templates are a page or two; a loop within a loop over a longer one could keep the tab busy. */
const longestTemplate = 200_000;

/** Throws model/bad-tokenizer where the template is none. */
export function createChatFormat({ chatTemplate, beginOfText, endOfText }: ChatFormatSource): ChatFormat {
  const template = parse(chatTemplate);
  const names = { bos_token: beginOfText ?? '', eos_token: endOfText ?? '' };
  return {
    render(messages, answerNext) {
      try {
        return template.render({
          ...names,
          messages: messages.map((message) => ({ ...message })),
          add_generation_prompt: answerNext,
        });
      } catch (thrown) {
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

function parse(chatTemplate: string): Template {
  if (chatTemplate.length > longestTemplate) {
    throw badTemplate(`it has ${chatTemplate.length} characters; ${longestTemplate} are the limit.`);
  }
  try {
    return new Template(chatTemplate);
  } catch (thrown) {
    throw badTemplate(messageOf(thrown));
  }
}

function badTemplate(reason: string): TuneletError {
  return new TuneletError(
    'model/bad-tokenizer',
    `The model's chat template cannot be used: ${reason}`,
    'Choose no chat format, or use the tokenizer files that belong to the model, unchanged.',
  );
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
