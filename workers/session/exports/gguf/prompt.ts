import { placeholders } from '../../../api/promptTemplate';
import { wordFor } from '../../../api/labelWords';
import type { LlamaCppPrompt } from '../../../lora/llamaCpp';
import { mostWrittenTokens, promptTools } from '../../tasks/promptTask';
import type { RunInputs } from '../../plan/runInputs';

/** Tokens that a model of plain text is let write. */
const plainTokens = 64;

/** How a run's model is asked in llama.cpp; of no run with a head. */
export function llamaCppPrompt({ model, labels, settings, task }: RunInputs, example: string): LlamaCppPrompt {
  const { tokenizer } = model;
  const { beginOfText, endOfText } = tokenizer.specialTexts;
  const shared = { stop: endOfText, example };
  if (task.name !== 'prompt') {
    return { ...shared, prompt: placeholders.text, maxNewTokens: plainTokens, contextLength: settings.maxLength + plainTokens };
  }
  const { writer, encoder } = promptTools(model, labels, settings);
  const { prompt: whole } = writer.writeAll(placeholders.text, [wordFor(labels[0] ?? '', settings.labelWords)]);
  const addsBegin = beginOfText !== null && tokenizer.encode('')[0] === tokenizer.idOf(beginOfText);
  const prompt = addsBegin && whole.startsWith(beginOfText) ? whole.slice(beginOfText.length) : whole;
  const maxNewTokens = mostWrittenTokens(encoder, settings);
  return {
    ...shared,
    // A space before the answer belongs to the answer's first token.
    prompt: writer.closesAnswers ? prompt : prompt.replace(/ +$/, ''),
    maxNewTokens,
    contextLength: settings.maxLength + maxNewTokens,
  };
}
