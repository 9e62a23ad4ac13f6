import { Icon } from '../../ui/Icon';
import { formatCount } from '../../ui/format';
import type { TextResult } from '../../../workers/api/results';
import { splitName } from './words';
import styles from './ResultsHead.module.css';

/** Base to tuned, of plain text: perplexity in large figures. */
export function TextResultsHead({ result }: { result: TextResult }) {
  const { base, tuned } = result;
  const figure = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
  return (
    <section className={styles.head}>
      <h1>
        {result.origin === 'import' ? 'Imported adapter' : result.stopped ? 'Run, stopped and kept' : 'Run'}{' '}
        <span>
          {result.name}, {formatCount(result.tokens)} tokens of the {splitName(result.split).toLowerCase()} texts
        </span>
      </h1>
      <div
        className={styles.headline}
        role="img"
        aria-label={`Perplexity: base ${figure(base.perplexity)}, tuned ${figure(tuned.perplexity)}`}
        data-testid="perplexity"
      >
        <span className="is-base">
          {figure(base.perplexity)}
          <span className={styles.who}>base model, perplexity</span>
        </span>
        <Icon name="right" />
        <span className="is-tuned">
          {figure(tuned.perplexity)}
          <span className={styles.who}>tuned model, perplexity</span>
        </span>
      </div>
      <dl className={styles.minis}>
        <div>
          <dt>Loss</dt>
          <dd>
            <span className="is-base">{base.loss.toFixed(3)}</span>
            <Icon name="right" />
            <span className="sr">to</span>
            <span className="is-tuned">{tuned.loss.toFixed(3)}</span>
          </dd>
        </div>
      </dl>
      <p className="label">
        Perplexity is e to the mean loss of a token: as unsure as between so many equally likely tokens. Less is better.
      </p>
    </section>
  );
}
