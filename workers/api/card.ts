/** Which of the two model cards: the adapter's, or that of base and adapter as one model. */
export type CardKind = 'adapter' | 'merged';

/** The card as the user wrote it, or null for the one that is written from the run. */
export type CardEdit = string | null;

/** Of UTF-16 units; the Hub's own cards end far below. */
export const longestCard = 500_000;
