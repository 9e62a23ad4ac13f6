import { previewSettings, type RowPreview } from '../../../workers/api/preview';
import { usePreview, useReading } from '../../state/hooks';
import { showRow } from '../../state/preview';
import { IconButton } from '../../ui/Button';
import { formatCount, plural } from '../../ui/format';
import { PromptPieces } from '../../ui/PromptPieces';
import styles from './task.module.css';

/** One training text, or one block of plain text, in the very tokens of training. */
export function RowView() {
  const { preview, row, isOld, error } = usePreview();
  const noun = useReading().settings.task === 'text' ? 'Block' : 'Text';
  return (
    <div className={styles.row} data-testid="row-preview" aria-busy={isOld}>
      <div className={styles.rowHead}>
        <h3>
          {noun} {formatCount(preview?.row ?? row)} as the model sees it
        </h3>
        <p className="reading">{preview && <Counts preview={preview} />}</p>
        <span className={styles.steps}>
          <IconButton
            icon="before"
            label={`${noun} before`}
            disabled={!preview || preview.row <= 1}
            onClick={() => preview && showRow(preview.row - 1)}
          />
          <IconButton
            icon="next"
            label={`Next ${noun.toLowerCase()}`}
            disabled={!preview || preview.row >= preview.rows}
            onClick={() => preview && showRow(preview.row + 1)}
          />
        </span>
      </div>
      {error && (
        <p className="help problem">
          {error.message} {error.remedy}
        </p>
      )}
      {preview ? <Tokens preview={preview} isOld={isOld} noun={noun} /> : !error && <p className={styles.waiting}>Being read</p>}
    </div>
  );
}

function Counts({ preview: { tokens, lossTokens, label, answers } }: { preview: RowPreview }) {
  if (answers === null && label !== null) return <>{plural(tokens, 'token')}, the class carries the loss</>;
  return (
    <>
      {plural(tokens, 'token')}, <b className="is-tuned">{formatCount(lossTokens)}</b> carry loss
    </>
  );
}

function Tokens({ preview, isOld, noun }: { preview: RowPreview; isOld: boolean; noun: string }) {
  const { pieces, label, answers, isCut, leftOut } = preview;
  const isHead = label !== null && answers === null;
  const isBroken = useReading().problems.some(({ key }) => previewSettings.includes(key));
  return (
    <div className={isOld ? styles.old : undefined}>
      <PromptPieces pieces={pieces} label={`${noun} with its special tokens`} testId="row-tokens" />
      <p className={styles.legend}>
        {pieces.some(({ kind, carriesLoss }) => kind === 'special' && !carriesLoss) && (
          <span className={styles.special}>special token</span>
        )}
        {pieces.some(({ kind }) => kind === 'row') && <span className={styles.fromRow}>from the row</span>}
        {pieces.some(({ carriesLoss }) => carriesLoss) && <span className={styles.loss}>carries loss</span>}
        {isHead && (
          <>
            <span>what carries the loss, its class:</span>
            <span className={styles.loss}>{label}</span>
          </>
        )}
        <span>
          {formatCount(preview.row)} of {formatCount(preview.rows)} to train on
        </span>
        {isOld && isBroken && <span>as it was before the problem</span>}
        {isCut && <span>cut at its end, to fit max_length</span>}
        {leftOut > 0 && <span>and {plural(leftOut, 'more token')}</span>}
      </p>
    </div>
  );
}
