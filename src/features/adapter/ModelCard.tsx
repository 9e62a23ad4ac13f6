import { Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { longestCard, type CardKind } from '../../../workers/api/card';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import { trainer } from '../../client/trainerClient';
import { useModelCards } from '../../state/hooks';
import { editCard } from '../../state/modelCards';
import { allSlices } from '../../state/slices';
import { LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { ErrorNotice } from '../../ui/Notice';
import { Segments } from '../../ui/Segments';
import { Way } from './Way';
import styles from './adapter.module.css';

/** README.md of the adapter or the merged model, to read and to change before it is taken away. */
export function ModelCard() {
  const [isOpen, setOpen] = useState(false);
  const [kind, setKind] = useState<CardKind>('adapter');
  return (
    <Way
      title="Model card"
      words="Written from this run: figures, limits, data and settings. Change what it says before you download or push."
      onToggle={setOpen}
    >
      {isOpen && (
        <>
          <Segments
            label="Whose model card"
            value={kind}
            options={[
              { value: 'adapter', label: 'Of the adapter' },
              { value: 'merged', label: 'Of the merged model' },
            ]}
            onChange={setKind}
          />
          <CardText key={kind} kind={kind} />
        </>
      )}
    </Way>
  );
}

const cardId = 'model-card';

function CardText({ kind }: { kind: CardKind }) {
  const edited = useModelCards((cards) => cards[kind]);
  const { written, error } = useWrittenCard(kind);
  if (error) return <ErrorNotice report={error} />;
  if (written === null) return <p className="help">Being written</p>;
  const text = edited ?? written;
  return (
    <div className={styles.card}>
      <Field htmlFor={cardId} label="README.md" help={helpOf(text, edited !== null)} problem={problemOf(text)}>
        <Textarea
          id={cardId}
          data-testid="model-card"
          value={text}
          maxLength={longestCard}
          onChange={(event) => editCard(kind, event.currentTarget.value === written ? null : event.currentTarget.value)}
          rows={14}
          spellCheck={false}
          aria-describedby={helpId(cardId)}
          classNames={{ input: styles.cardText ?? '' }}
        />
      </Field>
      {edited !== null && (
        <LinkButton onClick={() => editCard(kind, null)} data-testid="model-card-reset">
          Undo my changes
        </LinkButton>
      )}
    </div>
  );
}

function helpOf(text: string, isEdited: boolean): string {
  const lines = text.split('\n').length;
  return isEdited
    ? 'Changed by you. Downloads and pushes take it as it stands here.'
    : `${lines} lines. The part between the dashes is what the Hub lists the model by.`;
}

/** What the Hub reads of a card stands between two lines of dashes at its very beginning. */
function problemOf(text: string): string | null {
  return /^---\r?\n[\s\S]*?\n---\s*(\n|$)/.test(text)
    ? null
    : 'The lines between “---” and “---” at the beginning are missing, so the Hub cannot list the model by base, task or figures.';
}

function useWrittenCard(kind: CardKind) {
  const [written, setWritten] = useState<string | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  useEffect(() => {
    let isWanted = true;
    trainer()
      .modelCard(kind, allSlices())
      .then((text) => isWanted && setWritten(text))
      .catch((thrown: unknown) => isWanted && setError(reportOf(thrown)));
    return () => {
      isWanted = false;
    };
  }, [kind]);
  return { written, error };
}
