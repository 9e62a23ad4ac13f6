import { useEffect, useRef, useState } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { ProbabilityBars } from '../../charts/ProbabilityBars';
import { formatCount, plural } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { Prediction, ClassResult } from '../../../workers/api/results';
import { trainer } from '../../client/trainerClient';
import { likeliest } from './likeliest';
import { TextFields } from './TextFields';
import { isBlank, pairOf, typedText, type TextDraft } from './typedText';
import styles from './playground.module.css';

const pauseMs = 250;

/** Both models' probabilities for a text, as the user types. */
export function Playground({ result }: { result: ClassResult }) {
  const [draft, setDraft] = useState<TextDraft>(['', '']);
  const { prediction, error } = usePrediction(draft, result);
  return (
    <Panel
      level={3}
      title="Try a sentence"
      reading={prediction ? `${formatCount(Math.max(1, prediction.elapsedMs))}\u00a0ms on both models` : undefined}
    >
      <div className={styles.play}>
        <TextFields
          label="Sentence"
          placeholder="Type or paste a text; both models answer as you type."
          pair={pairOf(result)}
          draft={draft}
          onChange={setDraft}
        />
        {error && <ErrorNotice report={error} />}
        {prediction && <Answers prediction={prediction} result={result} />}
      </div>
    </Panel>
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
function usePrediction(draft: TextDraft, result: ClassResult): Answered {
  const [answer, setAnswer] = useState<Answered>({ prediction: null, error: null });
  const asked = useRef(0);
  useEffect(() => {
    asked.current += 1;
    const mine = asked.current;
    const pair = pairOf(result);
    if (isBlank(draft, pair)) {
      setAnswer({ prediction: null, error: null });
      return;
    }
    const tell = (next: Answered) => {
      if (asked.current === mine) setAnswer(next);
    };
    const timer = setTimeout(() => {
      Promise.resolve()
        .then(() => trainer().predict(typedText(draft, pair)))
        .then(
          (prediction) => tell({ prediction, error: null }),
          (thrown: unknown) => tell({ prediction: null, error: reportOf(thrown) }),
        );
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [draft, result]);
  return answer;
}
