import { useEffect, type ReactNode } from 'react';
import { Button, LinkButton } from '../../ui/Button';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import type { ModelRole, RunResult } from '../../../workers/api/results';
import { useWriting } from '../../state/hooks';
import { clearWriting, stopWriting, write, type WritingSoFar } from '../../state/writing';
import { TextFields } from './TextFields';
import { draftOf, isBlank, joinedDraft, pairOf, type TextDraft } from './typedText';
import { requestOf, type WritingDraft } from './useWritingDraft';
import styles from './playground.module.css';

interface WritingProps {
  result: RunResult;
  draft: WritingDraft;
  /** What they wrote for texts that they were judged on. */
  children?: ReactNode;
}

/** One text: both models write after the same prompt, side by side. */
export function Writing({ result, draft, children }: WritingProps) {
  const { isWriting, answers, error } = useWriting();
  const { text, setText } = draft;
  const pair = pairOf(result);
  const isEmpty = isBlank(text, pair);
  useEffect(() => clearWriting, [result]);
  const begin = () => {
    if (!isEmpty && !isWriting) void write(requestOf(draft, pair));
  };
  return (
    <Panel level={3} title="What they write" reading="the same prompt to both">
      <div className={styles.play}>
        <TextFields
          label="Text"
          placeholder={
            result.task === 'text'
              ? 'Type or paste how a text begins; both models write on.'
              : 'Type or paste a text; it takes the place of {text} in the template.'
          }
          pair={pair}
          draft={text}
          onChange={setText}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) begin();
          }}
        />
        <div className={styles.begin}>
          {isWriting ? (
            <Button size="sm" icon="stop" data-testid="stop-writing" onClick={() => void stopWriting()}>
              Stop
            </Button>
          ) : (
            <Button size="sm" data-testid="write" disabled={isEmpty} onClick={begin}>
              Let both write
            </Button>
          )}
          <TakeText result={result} text={text} onTake={setText} />
        </div>
        {error && <ErrorNotice report={error} />}
        {answers && (
          <div className={styles.columns} data-testid="written">
            <Answer role="base" answer={answers.base} isWriting={isWriting} />
            <Answer role="tuned" answer={answers.tuned} isWriting={isWriting} />
          </div>
        )}
        {children}
      </div>
    </Panel>
  );
}

/** Fills the box with a text that the models never learned from; the next one after that. */
function TakeText({ result, text, onTake }: { result: RunResult; text: TextDraft; onTake: (text: TextDraft) => void }) {
  const pair = pairOf(result);
  const samples = result.task === 'prompt' ? (result.written?.samples ?? []) : [];
  if (samples.length === 0) return null;
  const at = samples.findIndex((sample) => sample.text === joinedDraft(text, pair));
  const next = samples[(at + 1) % samples.length];
  return (
    <LinkButton onClick={() => next && onTake(draftOf(next.text, pair))}>
      {at < 0 ? 'Take a test text' : 'Take the next one'}
    </LinkButton>
  );
}

function Answer({ role, answer, isWriting }: { role: ModelRole; answer: WritingSoFar; isWriting: boolean }) {
  const isAtWork = isWriting && answer.ended === null;
  return (
    <div className={styles.answer} data-role={role} data-testid={`written-${role}`}>
      <b className={`is-${role}`}>{role === 'base' ? 'Base' : 'Tuned'}</b>
      <p className={`is-${role} ${styles.written}`} aria-busy={isAtWork}>
        {answer.text.trimStart()}
        {isAtWork && <span className={styles.caret} aria-hidden="true" />}
      </p>
      <p className={styles.foot}>
        {isAtWork ? <i className={styles.live} aria-hidden="true" /> : answer.ended === 'stop' && <Icon name="tick" />}
        {stateWords(answer, isWriting)}
      </p>
    </div>
  );
}

function stateWords({ tokens, ended, elapsedMs }: WritingSoFar, isWriting: boolean): string {
  const count = plural(tokens, 'token');
  const seconds = `${(elapsedMs / 1000).toFixed(elapsedMs < 10_000 ? 1 : 0)}\u00a0s`;
  if (ended === 'stop')
    return tokens === 0 ? `ended by itself without a word, ${seconds}` : `ended by itself after ${count}, ${seconds}`;
  if (ended === 'length') return `cut off after ${count}, ${seconds}`;
  if (ended === 'cancelled' || !isWriting) return tokens === 0 ? 'not begun' : `stopped after ${count}, ${seconds}`;
  if (tokens === 0) return 'reading the prompt';
  const rate = elapsedMs > 0 ? (1000 * tokens) / elapsedMs : 0;
  return `writing, ${count}, ${rate >= 10 ? formatCount(rate) : rate.toFixed(1)} a second`;
}
