import type { ShownPrompt } from '../../api/preview';
import { rowPieces } from '../../data/rowPieces';
import { tokenPieces } from '../../data/tokenPieces';
import { refuseWriting } from './outcome';
import { textSpans } from '../plan/previewRow';
import { promptTools } from '../tasks/promptTask';
import type { RunInputs } from '../plan/runInputs';

/** What both models are given for a text, in the tokens of training and tests. Throws run/not-ready where they write nothing. */
export function showPrompt({ model, task, labels, settings }: RunInputs, text: string): ShownPrompt {
  if (task.name === 'prompt') {
    const { encoder, writer } = promptTools(model, labels, settings);
    const { prefix, isCut, text: kept } = encoder.labelled(text);
    const tokens = tokenPieces(prefix, model.tokenizer);
    return { pieces: rowPieces(tokens, Infinity, textSpans(tokens, writer, settings, kept)), tokens: prefix.length, isCut };
  }
  const ids = task.prompt(text) ?? refuseWriting();
  const tokens = tokenPieces(ids, model.tokenizer);
  const length = tokens.reduce((sum, piece) => sum + piece.text.length, 0);
  return { pieces: rowPieces(tokens, Infinity, [{ from: 0, to: length }]), tokens: ids.length, isCut: false };
}
