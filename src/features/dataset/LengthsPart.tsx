import { TokenHistogram } from '../../charts/TokenHistogram';
import { usePace, useReading, useSession } from '../../state/hooks';
import { paceWords } from '../../state/paceWords';
import { setSetting } from '../../state/settings';
import { formatCount, formatDuration, formatPercent, plural } from '../../ui/format';
import styles from './dataset.module.css';
import { Counting } from './Lengths';

const leastLimit = 4;

/** Tokens of the texts with the line where they are cut, which can be moved; the extremes, coverage and what an epoch takes. */
export function LengthsPart() {
  const plan = useSession((state) => state.plan);
  const model = useSession((state) => state.model);
  const isPending = useSession((state) => state.planPending);
  const { settings } = useReading();
  if (!plan) {
    return (
      <section className={styles.part} aria-label="Tokens in a text">
        <div className={styles.partHead}>
          <h3>Tokens in a text</h3>
        </div>
        <p className="help">{isPending ? <Counting /> : 'Counted as soon as a model is ready.'}</p>
      </section>
    );
  }
  const { tokens } = plan;
  return (
    <section className={styles.part} aria-label="Tokens in a text" data-testid="lengths">
      <div className={styles.partHead}>
        <h3>Tokens in a text</h3>
        <p className="reading">
          median <b>{formatCount(tokens.median)}</b>, longest <b>{formatCount(tokens.longest)}</b>,{' '}
          <b>{formatPercent(tokens.truncated / Math.max(1, tokens.texts))}</b> cut
        </p>
      </div>
      <div className={styles.halves}>
        <div className={styles.facts}>
          <Coverage />
          <Pace />
        </div>
        <div>
          <TokenHistogram
            bins={tokens.bins}
            median={tokens.median}
            longest={tokens.longest}
            limit={settings.maxLength}
            cutShare={tokens.truncated / Math.max(1, tokens.texts)}
            {...(settings.task === 'head' && {
              move: {
                least: leastLimit,
                most: Math.min(model?.positions ?? tokens.longest, Math.max(tokens.longest, settings.maxLength)),
                onMove: (limit: number) => setSetting('maxLength', String(limit)),
              },
            })}
          />
          <Extremes />
        </div>
      </div>
    </section>
  );
}

function Coverage() {
  const plan = useSession((state) => state.plan);
  const coverage = plan?.tokens.coverage;
  if (!coverage) return null;
  const share = coverage.unknown / Math.max(1, coverage.tokens);
  return (
    <p data-testid="coverage">
      <b>{formatPercent(share)}</b> of {plural(coverage.tokens, 'token')} unknown to the tokenizer.{' '}
      <span className="quiet">
        {share > 0.01
          ? 'It spells them out or loses them; a model with a tokenizer for this language reads them better.'
          : 'It knows the words of these texts, or their parts.'}
      </span>
    </p>
  );
}

/** Time is told where a run or a trial on this device has measured it, never guessed. */
function Pace() {
  const plan = useSession((state) => state.plan);
  const { pace, isPending } = usePace();
  if (!plan) return null;
  return (
    <p data-testid="pace">
      <b>{plural(plan.stepsPerEpoch, 'step')}</b> an epoch, {formatCount(plan.tokensPerEpoch)} tokens of{' '}
      {formatCount(plan.trainRows)} {plan.trainRows === 1 ? 'text' : 'texts'}.{' '}
      <span className="quiet">
        {pace !== null
          ? `About ${formatDuration(plan.tokensPerEpoch / pace.tokensPerSecond)} an epoch, ${formatCount(pace.tokensPerSecond)} tokens a second, ${paceWords[pace.basis]}.`
          : isPending
            ? 'How long that takes is being tried on this device.'
            : 'How long that takes is unknown until a run has measured this device.'}
      </span>
    </p>
  );
}

function Extremes() {
  const extremes = useSession((state) => state.plan?.tokens.extremes ?? null);
  if (!extremes) return null;
  return (
    <div className={`${styles.facts} ${styles.under}`} data-testid="extremes">
      {(['longest', 'shortest'] as const).map((kind) => (
        <p key={kind}>
          <b>
            {kind === 'longest' ? 'Longest' : 'Shortest'}, {plural(extremes[kind].tokens, 'token')}
          </b>
          <span className={styles.extreme}>{extremes[kind].text}</span>
        </p>
      ))}
    </div>
  );
}
