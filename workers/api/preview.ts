import type { SettingName } from './settings';

/** What the preview of a row depends on. */
export const previewSettings: readonly SettingName[] = [
  'task', 'systemText', 'promptTemplate', 'useChatFormat', 'labelWords', 'maxNewTokens', 'maxLength',
]; // prettier-ignore

/** A run of text as the model sees it. One that carries loss is one token. */
export interface PreviewPiece {
  text: string;
  /** A special token, text of the row, or what stands around it. */
  kind: 'special' | 'row' | 'around';
  carriesLoss: boolean;
}

/** One training text, or one block of plain text, in the tokens that training uses. */
export interface RowPreview {
  /** From 1. */
  row: number;
  rows: number;
  pieces: PreviewPiece[];
  /** Tokens in all, and those that carry loss. */
  tokens: number;
  lossTokens: number;
  /** Tokens at the end that `pieces` leave out. */
  leftOut: number;
  /** The text was longer than max_length. */
  isCut: boolean;
  /** Null for plain text. */
  label: string | null;
  /** By prompt: what may be answered. */
  answers: PreviewAnswers | null;
}

/** What a run's models are given for a text before they write. */
export type ShownPrompt = Pick<RowPreview, 'pieces' | 'tokens' | 'isCut'>;

export interface PreviewAnswers {
  /** For each label its word, in the tokens that are scored. */
  words: { label: string; word: string; tokens: string[] }[];
  /** Most tokens that a free answer takes, and most texts that are answered so. */
  writtenTokens: number;
  writtenTexts: number;
}
