import { useEffect, useState } from 'react';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { plural } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import type { GenerationRequest, ModelRole, RunResult } from '../../../workers/api/results';
import { useWriting } from '../../state/hooks';
import { clearWriting, stopWriting, write, type WritingSoFar } from '../../state/writing';
import styles from './playground.module.css';

const longestText = 20_000;

const numbers = [
  { key: 'temperature', label: 'Temperature', name: 'temperature', whenDrawn: true },
  { key: 'topK', label: 'Top-k', name: 'top_k', whenDrawn: true },
  { key: 'topP', label: 'Top-p', name: 'top_p', whenDrawn: true },
  { key: 'repetitionPenalty', label: 'Repetition', name: 'repetition_penalty', whenDrawn: false },
  { key: 'maxNewTokens', label: 'At most', name: 'max_new_tokens', whenDrawn: false },
  { key: 'seed', label: 'Seed', name: 'seed', whenDrawn: true },
] as const;

type Numbers = Record<(typeof numbers)[number]['key'], string>;

const usual: Numbers = { temperature: '0.7', topK: '50', topP: '0.9', repetitionPenalty: '1', maxNewTokens: '32', seed: '42' };

/** One text: both models write after the same prompt. */
export function Writing({ result }: { result: RunResult }) {
  const [text, setText] = useState('');
  const [doSample, setDoSample] = useState(false);
  const [drafts, setDrafts] = useState(usual);
  const { isWriting, answers, error } = useWriting();
  useEffect(() => clearWriting, [result]);
  return (
    <Panel level={3} title="What they write" reading="the same prompt to both">
      <div className={styles.play}>
        <textarea
          aria-label="Text"
          data-testid="playground-text"
          placeholder={
            result.task === 'text'
              ? 'Type or paste how a text begins; both models write on.'
              : 'Type or paste a text; it takes the place of {text} in the template.'
          }
          maxLength={longestText}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className={styles.sampling}>
          <Segments
            label="How tokens are chosen"
            value={doSample ? 'sample' : 'greedy'}
            options={[
              { value: 'greedy', label: 'Greedy' },
              { value: 'sample', label: 'Sample' },
            ]}
            onChange={(value) => setDoSample(value === 'sample')}
          />
          {isWriting ? (
            <Button size="sm" icon="stop" data-testid="stop-writing" onClick={() => void stopWriting()}>
              Stop
            </Button>
          ) : (
            <Button
              size="sm"
              data-testid="write"
              disabled={text.trim() === ''}
              onClick={() => void write(requestOf(text, doSample, drafts))}
            >
              Let both write
            </Button>
          )}
        </div>
        <div className={styles.numbers}>
          {numbers
            .filter(({ whenDrawn }) => doSample || !whenDrawn)
            .map(({ key, label, name }) => (
              <Field key={key} htmlFor={`generation-${name}`} label={label}>
                <input
                  id={`generation-${name}`}
                  className="input"
                  inputMode="decimal"
                  value={drafts[key]}
                  onChange={(event) => setDrafts({ ...drafts, [key]: event.target.value })}
                />
              </Field>
            ))}
        </div>
        {error && <ErrorNotice report={error} />}
        {answers && (
          <div className={styles.columns} data-testid="written">
            <Answer role="base" answer={answers.base} isWriting={isWriting} />
            <Answer role="tuned" answer={answers.tuned} isWriting={isWriting} />
          </div>
        )}
      </div>
    </Panel>
  );
}

function Answer({ role, answer, isWriting }: { role: ModelRole; answer: WritingSoFar; isWriting: boolean }) {
  return (
    <div className={styles.answer} data-testid={`written-${role}`}>
      <b className={`is-${role}`}>{role === 'base' ? 'Base' : 'Tuned'}</b>
      <p className={`is-${role} ${styles.written}`}>{answer.text}</p>
      <p className="label">{stateWords(answer, isWriting)}</p>
    </div>
  );
}

function stateWords({ tokens, ended }: WritingSoFar, isWriting: boolean): string {
  const count = plural(tokens, 'token');
  if (ended === 'stop') return `ended by itself after ${count}`;
  if (ended === 'length') return `cut off after ${count}`;
  if (ended === 'cancelled' || !isWriting) return tokens === 0 ? 'not begun' : `stopped after ${count}`;
  return tokens === 0 ? 'waits' : `writing, ${count}`;
}

function requestOf(text: string, doSample: boolean, drafts: Numbers): GenerationRequest {
  const read = (key: keyof Numbers): number => (drafts[key].trim() === '' ? Number.NaN : Number(drafts[key]));
  const drawn = doSample
    ? { temperature: read('temperature'), topK: read('topK'), topP: read('topP'), seed: read('seed') }
    : { temperature: 1, topK: 0, topP: 1, seed: 0 };
  return { text, doSample, ...drawn, repetitionPenalty: read('repetitionPenalty'), maxNewTokens: read('maxNewTokens') };
}
