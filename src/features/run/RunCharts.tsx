import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { catalogue } from '../../charts/catalogue';
import { seriesOf } from './runView';
import { useSteadyRun } from './useSteadyRun';
import styles from './RunCharts.module.css';

const chartIntervalMs = 250;

/** The charts of the catalogue: large ones one below the other, small ones side by side. */
export function RunCharts() {
  const { start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks } =
    useSteadyRun(chartIntervalMs);
  const compact = useMediaQuery('(max-width: 760px)');
  const series = useMemo(
    () => seriesOf({ start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks }),
    [start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks],
  );
  if (series === null) return null;
  const byPrompt = start?.settings.task === 'prompt';
  return (
    <>
      {catalogue
        .filter((entry) => entry.size === 'large' && (entry.id !== 'scores' || start?.settings.task !== 'text'))
        .map(({ id, Chart }) => (
          <div key={id}>
            <Chart series={series} compact={compact} />
            {id === 'scores' && base && <BaseNote majority={base.evaluation.majority} byPrompt={byPrompt} />}
          </div>
        ))}
      <div className={styles.pair}>
        {catalogue
          .filter((entry) => entry.size === 'small')
          .map(({ id, Chart }) => (
            <Chart key={id} series={series} compact={compact} />
          ))}
      </div>
    </>
  );
}
