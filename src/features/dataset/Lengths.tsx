import { TokenHistogram } from '../../charts/TokenHistogram';
import { useReading, useSession } from '../../state/hooks';
import { formatCount } from '../../ui/format';

/** Token lengths; known once the model's tokenizer has seen the texts. */
export function Lengths() {
  const plan = useSession((state) => state.plan);
  const isPending = useSession((state) => state.planPending);
  const { settings } = useReading();
  const isWhole = plan !== null && plan.tokens.longest <= settings.maxLength;
  return (
    <div className="histo">
      <h3 className="label">Tokens in a text{isWhole && `, none cut at ${settings.maxLength}`}</h3>
      {plan ? (
        <TokenHistogram
          bins={plan.tokens.bins}
          median={plan.tokens.median}
          longest={plan.tokens.longest}
          limit={settings.maxLength}
          cutShare={plan.tokens.truncated / Math.max(1, plan.tokens.texts)}
        />
      ) : (
        <p className="help waiting">{isPending ? <Counting /> : 'Counted as soon as a model is ready.'}</p>
      )}
    </div>
  );
}

/** How far the tokenizer is, which takes a while with long files. */
export function Counting() {
  const tokenising = useSession((state) => state.tokenising);
  if (!tokenising) return 'Counting tokens…';
  return `Counting tokens: ${formatCount(tokenising.texts)} of ${formatCount(tokenising.totalTexts)} texts`;
}
