import { useEffect, useRef, useState } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { ProbabilityBars } from '../../charts/ProbabilityBars';
import { formatCount, plural } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { reportOf } from '../../../workers/api/errors';
import type { ErrorReport } from '../../../workers/api/errors';
import type { Prediction, ClassResult } from '../../../workers/api/results';
import { trainer } from '../../client/trainerClient';
import { likeliest } from './likeliest';
import styles from './playground.module.css';

const pauseMs = 250;
/** Characters sent at most; far more than any model here reads. */
const longestText = 20_000;

/** Both models' probabilities for a text, as the user types. */
export function Playground({ result }: { result: ClassResult }) {
  const [text, setText] = useState('');
  const { prediction, error } = usePrediction(text, result);
  return (
    <Panel
      level={3}
      title="Try a sentence"
      reading={prediction ? `${formatCount(Math.max(1, prediction.elapsedMs))}\u00a0ms on both models` : undefined}
    >
      <div className={styles.play}>
        <textarea
          aria-label="Sentence"
          data-testid="playground-text"
          placeholder="Type or paste a text; both models answer as you type."
          maxLength={longestText}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <PairHelp preparation={result.preparation} />
        {error && <ErrorNotice report={error} />}
        {prediction && <Answers prediction={prediction} result={result} />}
      </div>
    </Panel>
  );
}

/** Texts of two columns are typed as the model read them. */
function PairHelp({ preparation: { mapping } }: Pick<ClassResult, 'preparation'>) {
  const { text, textPair } = mapping;
  if (!textPair) return null;
  const joiner = textPair.joiner === '\n' ? 'a line break' : `“${textPair.joiner.replaceAll('\n', '⏎')}”`;
  return (
    <p className="help" data-testid="pair-help">
      {`Type ${text}, ${joiner}, then ${textPair.column}, as in training.`}
    </p>
  );
}

function Answers({ prediction, result }: { prediction: Prediction; result: ClassResult }) {
  return (
    <>
      <p className="label">
        {plural(prediction.tokenCount, 'token')}
        {prediction.cleaned !== null && (
          <>
            . Cleaned as in training, the models read: <q data-testid="cleaned-text">{prediction.cleaned}</q>
          </>
        )}
        {prediction.truncated && '. The text is longer than the model was tuned for: its end is cut off, as in training.'}
      </p>
      <div className={styles.columns} data-testid="prediction">
        <Answer role="base" classes={prediction.base} />
        <Answer role="tuned" classes={prediction.tuned} />
      </div>
      <BaseNote majority={result.tuned.majority} />
    </>
  );
}

function Answer({ role, classes }: { role: 'base' | 'tuned'; classes: Prediction['base'] }) {
  const { top, shown, others } = likeliest(classes);
  return (
    <div className={styles.answer}>
      <b className={`is-${role}`} title={top}>
        {role === 'base' ? 'Base' : 'Tuned'}: {top}
      </b>
      <ProbabilityBars role={role} classes={shown} />
      {others && <p className="label">{others}</p>}
    </div>
  );
}

interface Answered {
  prediction: Prediction | null;
  error: ErrorReport | null;
}

/** Asks a moment after the last key; answers to earlier texts are dropped. */
function usePrediction(text: string, result: ClassResult): Answered {
  const [answer, setAnswer] = useState<Answered>({ prediction: null, error: null });
  const asked = useRef(0);
  useEffect(() => {
    asked.current += 1;
    const mine = asked.current;
    if (text.trim() === '') {
      setAnswer({ prediction: null, error: null });
      return;
    }
    const tell = (next: Answered) => {
      if (asked.current === mine) setAnswer(next);
    };
    const timer = setTimeout(() => {
      Promise.resolve()
        .then(() => trainer().predict(text))
        .then(
          (prediction) => tell({ prediction, error: null }),
          (thrown: unknown) => tell({ prediction: null, error: reportOf(thrown) }),
        );
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text, result]);
  return answer;
}
