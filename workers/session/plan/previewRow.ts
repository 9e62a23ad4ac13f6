import { checkSettings } from '../../api/checkSettings';
import { TuneletError } from '../../api/errors';
import { wordFor } from '../../api/labelWords';
import { previewSettings, type PreviewAnswers, type RowPreview } from '../../api/preview';
import { placeholders } from '../../api/promptTemplate';
import type { TrainingSettings } from '../../api/settings';
import type { LabelledText } from '../../data/dataset';
import type { PromptWriter } from '../../data/promptTemplate';
import { rowPieces, spansOf, type TextSpan } from '../../data/rowPieces';
import { tokenPieces, type TokenPiece } from '../../data/tokenPieces';
import type { DatasetRoom } from '../dataset/datasetRoom';
import type { ChosenModel } from '../model/modelRoom';
import { mostAnswered, mostWrittenTokens, promptTools } from '../tasks/promptTask';

/** Tokens of a block of plain text, or of a text for a head, that are shown. */
const mostTokensShown = 400;

/** One training text in the very tokens that a run would use. Throws 'settings/invalid'. */
export async function previewRow(
  model: ChosenModel,
  data: DatasetRoom,
  settings: TrainingSettings,
  row: number,
): Promise<RowPreview> {
  const { labels } = data.current;
  const limits = { ...model.summary, labels };
  const problem = checkSettings(settings, limits).find(({ key }) => previewSettings.includes(key));
  if (problem) {
    const remedy = 'Correct the setting and try again.';
    throw new TuneletError('settings/invalid', problem.message, remedy, { setting: problem.key });
  }
  if (settings.task === 'text') return previewBlock(model, data, settings, row);
  const texts = data.current.texts('train');
  const place = placeOf(row, texts.length);
  const example = { text: texts.at(place.row - 1), label: data.current.classes('train')[place.row - 1] ?? 0 };
  const shown =
    settings.task === 'prompt'
      ? previewPrompt(model, example, labels, settings)
      : previewText(model, example.text, settings.maxLength);
  return { ...place, ...shown, label: labels[example.label] ?? null };
}

type Shown = Omit<RowPreview, 'row' | 'rows' | 'label'>;

function previewPrompt(
  model: ChosenModel,
  { text, label }: LabelledText,
  labels: readonly string[],
  settings: TrainingSettings,
): Shown {
  const { tokenizer } = model;
  const { encoder, writer } = promptTools(model, labels, settings);
  const { ids, answerStart, isCut, text: kept } = encoder.answered(text, label);
  const tokens = tokenPieces(ids, tokenizer);
  const { prefix, words } = encoder.labelled(text);
  const answers: PreviewAnswers = {
    words: labels.map((name, index) => ({
      label: name,
      word: wordFor(name, settings.labelWords),
      tokens: tokenPieces(words[index] ?? [], tokenizer, prefix).map((piece) => piece.text),
    })),
    writtenTokens: mostWrittenTokens(encoder, settings),
    writtenTexts: mostAnswered,
  };
  return {
    pieces: rowPieces(tokens, answerStart, textSpans(tokens, writer, settings, kept)),
    tokens: ids.length,
    lossTokens: ids.length - answerStart,
    leftOut: 0,
    isCut,
    answers,
  };
}

/** Where a row's text, cut as there is room for it, stands in its prompt. */
export function textSpans(
  tokens: readonly TokenPiece[],
  writer: PromptWriter,
  { promptTemplate }: Pick<TrainingSettings, 'promptTemplate'>,
  text: string,
): TextSpan[] {
  const whole = tokens.map((piece) => piece.text).join('');
  const start = sharedLength(writer.write('', '').prompt, writer.write(text, '').prompt);
  return spansOf(whole, text, start, promptTemplate.split(placeholders.text).length - 1);
}

/** With a head no token carries loss: the class does. */
function previewText({ tokenizer }: ChosenModel, text: string, maxLength: number): Shown {
  const all = tokenizer.encode(text);
  const ids = all.slice(0, maxLength);
  const pieces = tokenPieces(ids.slice(0, mostTokensShown), tokenizer);
  const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  return {
    pieces: rowPieces(pieces, Infinity, [{ from: 0, to: length }]),
    tokens: ids.length,
    lossTokens: 0,
    leftOut: Math.max(0, ids.length - mostTokensShown),
    isCut: all.length > maxLength,
    answers: null,
  };
}

async function previewBlock(model: ChosenModel, data: DatasetRoom, settings: TrainingSettings, row: number): Promise<RowPreview> {
  const task = await data.textTask(model, settings);
  const place = placeOf(row, task.count('train'));
  const { ids, targetStart } = task.block(place.row - 1);
  const pieces = tokenPieces(Array.from(ids).slice(0, mostTokensShown), model.tokenizer);
  return {
    ...place,
    pieces: rowPieces(pieces, targetStart, []),
    tokens: ids.length,
    lossTokens: ids.length - targetStart,
    leftOut: Math.max(0, ids.length - mostTokensShown),
    isCut: false,
    label: null,
    answers: null,
  };
}

function placeOf(row: number, rows: number): { row: number; rows: number } {
  return { row: Math.min(Math.max(1, Math.floor(row) || 1), rows), rows };
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
