/** What one or a few tokens write: several where only together they make a character. */
export interface BatchToken {
  text: string;
  ids: number[];
  /** The class is read here, or the next token is predicted here and counts in the loss. */
  isTarget: boolean;
}

export interface BatchRow {
  /** Data row of its file, or block of plain text, counted from 1. */
  row: number;
  /** The beginning, and the end where the row is long. */
  tokens: BatchToken[];
  /** Tokens left out of `tokens`, and after how many of its entries. */
  leftOut: { count: number; after: number } | null;
  /** Tokens that max_length cut off. */
  cut: number;
  /** Null for plain text. */
  label: string | null;
}

/** The first micro-batch of a run, as it is packed for the model. */
export interface FirstBatch {
  /** The first few. */
  rows: BatchRow[];
  /** Rows in the batch, and tokens, none of which is padding. */
  texts: number;
  tokens: number;
  /** What a target is: the class, or a next token. */
  target: 'class' | 'token';
}
