import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { catalogue } from '../../charts/catalogue';
import { useRun } from '../../state/hooks';
import { seriesOf } from './runView';
import styles from './run.module.css';

/** The charts of the catalogue: large ones one below the other, small ones side by side. */
export function RunCharts() {
  const start = useRun((state) => state.start);
  const points = useRun((state) => state.points);
  const latest = useRun((state) => state.latest);
  const base = useRun((state) => state.base);
  const evaluations = useRun((state) => state.evaluations);
  const clippedSteps = useRun((state) => state.clippedSteps);
  const stepsSeen = useRun((state) => state.stepsSeen);
  const compact = useMediaQuery('(max-width: 760px)');
  const series = useMemo(
    () => seriesOf({ start, points, latest, base, evaluations, clippedSteps, stepsSeen }),
    [start, points, latest, base, evaluations, clippedSteps, stepsSeen],
  );
  if (series === null) return null;
  return (
    <>
      {catalogue
        .filter((entry) => entry.size === 'large')
        .map(({ id, Chart }) => (
          <div key={id}>
            <Chart series={series} compact={compact} />
            {id === 'scores' && base && <BaseNote majority={base.evaluation.majority} />}
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
