import { Fragment } from 'react';
import './PromptPieces.css';

interface PromptPiece {
  text: string;
  /** A special token, text of the row, or what stands around it. */
  kind: 'special' | 'row' | 'around';
  carriesLoss: boolean;
}

interface PromptPiecesProps {
  pieces: readonly PromptPiece[];
  /** Said by screen readers: "The prompt". */
  label: string;
  testId?: string;
}

/** A prompt as the model sees it: chips for special tokens, a line under the row's text, the tuned colour where the loss is. */
export function PromptPieces({ pieces, label, testId }: PromptPiecesProps) {
  return (
    <div className="tokens" role="region" aria-label={label} tabIndex={0} data-testid={testId}>
      {pieces.map((piece, index) => (
        <Piece key={index} piece={piece} isRole={pieces[index - 1]?.kind === 'special'} />
      ))}
    </div>
  );
}

/** `isRole`: a chat format's special token stands before it, so its first line may be the name of who speaks. */
function Piece({ piece: { text, kind, carriesLoss }, isRole }: { piece: PromptPiece; isRole: boolean }) {
  if (kind === 'special') return <span className={carriesLoss ? 'on' : 'sp'}>{text}</span>;
  const lines = text.split('\n');
  return lines.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && (
        <>
          <span className="nl" aria-hidden="true">
            ⏎
          </span>
          <br />
        </>
      )}
      {line !== '' && (
        <span
          className={
            carriesLoss ? 'on' : kind === 'row' ? 'fill' : isRole && index === 0 && /^[a-z]+$/.test(line) ? 'role' : undefined
          }
        >
          {line}
        </span>
      )}
    </Fragment>
  ));
}
