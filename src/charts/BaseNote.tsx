import { formatPercent } from '../ui/format';
import styles from './scales.module.css';

interface BaseNoteProps {
  /** The most frequent class and what always answering it would score. */
  majority: { label: string; share: number };
  /** The base model answers in words, not by a head that nobody trained. */
  byPrompt?: boolean;
}

/** Belongs beside every figure of the base model. */
export function BaseNote({ majority, byPrompt = false }: BaseNoteProps) {
  return (
    <p className={`label ${styles.baseNote}`}>
      {byPrompt ? '' : 'The base model’s head is untrained, so its answers are guesses. '}Always answering{' '}
      <q title={majority.label}>{majority.label}</q> would score {formatPercent(majority.share)}.
    </p>
  );
}
