import { formatFigure } from '../../charts/format';
import { formatCount } from '../../ui/format';
import type { TextResult } from '../../../workers/api/results';
import { Figure, Figures, Headline } from './Figures';
import { RateNote } from './RateNote';
import { splitName } from './words';
import { RunTitle } from './RunTitle';
import styles from './ResultsHead.module.css';

/** Base to tuned, of plain text: perplexity in large figures. */
export function TextResultsHead({ result }: { result: TextResult }) {
  const { base, tuned } = result;
  const figure = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
  return (
    <section className={styles.head}>
      <h1>
        <RunTitle result={result} />{' '}
        <span>
          {result.name}, {formatCount(result.tokens)} tokens of the {splitName(result.split).toLowerCase()} texts
        </span>
      </h1>
      <Headline
        name="Perplexity"
        base={figure(base.perplexity)}
        tuned={figure(tuned.perplexity)}
        isPercent={false}
        under=", perplexity"
        testId="perplexity"
      />
      <Figures>
        <Figure name="Loss" base={formatFigure(base.loss)} tuned={formatFigure(tuned.loss)} />
      </Figures>
      <RateNote result={result} />
      <p className="label">
        Perplexity is e to the mean loss of a token: as unsure as between so many equally likely tokens. Less is better.
      </p>
    </section>
  );
}
