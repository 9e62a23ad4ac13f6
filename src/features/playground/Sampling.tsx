import { Field, helpId } from '../../ui/Field';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import { samplingFields, type WritingDraft } from './useWritingDraft';
import styles from './playground.module.css';

const ways = [
  { value: 'greedy', label: 'Greedy' },
  { value: 'sample', label: 'Sample' },
] as const;

/** How both models choose their tokens, by the names of transformers' `generate`. */
export function Sampling({ draft, isJudged }: { draft: WritingDraft; isJudged: boolean }) {
  const { doSample, setDoSample, drafts, setDraft } = draft;
  return (
    <Panel level={3} title="Sampling" reading={isJudged ? 'for this box only; tests are greedy' : 'for this box only'}>
      <div className={styles.sampling} data-testid="sampling">
        <Segments
          label="How tokens are chosen"
          value={doSample ? 'sample' : 'greedy'}
          options={ways}
          onChange={(value) => setDoSample(value === 'sample')}
        />
        <div className={styles.numbers}>
          {samplingFields.map(({ key, label, name, whenDrawn }) => (
            <Field key={key} htmlFor={`generation-${name}`} label={label} name={name}>
              <input
                id={`generation-${name}`}
                className="input"
                inputMode="decimal"
                autoComplete="off"
                aria-describedby={helpId(`generation-${name}`)}
                disabled={whenDrawn && !doSample}
                value={drafts[key]}
                onChange={(event) => setDraft(key, event.target.value)}
              />
            </Field>
          ))}
        </div>
        {!doSample && <p className="help">Greedy takes the likeliest token each time; four of these wait for Sample.</p>}
      </div>
    </Panel>
  );
}
