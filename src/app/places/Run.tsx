import { useMemo } from 'react';
import { DownloadAdapter } from '../../features/adapter/AdapterCard';
import { RunCharts, SeriesCharts } from '../../features/run/RunCharts';
import { CourseNotices, MeasuredOnTheWay, OpenedDock, OpenedStrip } from '../../features/run/OpenedRun';
import { AdapterAhead, RunEmpty } from '../../features/run/RunEmpty';
import { Perplexity } from '../../features/run/Perplexity';
import { ResumeCard } from '../../features/run/ResumeCard';
import { OtherTab } from '../../features/run/OtherTab';
import { SilentWorker } from '../../features/run/SilentWorker';
import { RunMatrices } from '../../features/run/RunMatrices';
import { EvaluationAnnouncer, RunNews } from '../../features/run/RunNews';
import { RunDock, RunProgress, RunStrip } from '../../features/run/RunStrip';
import { WatchedTexts } from '../../features/run/WatchedTexts';
import { seriesOfCourse } from '../../features/run/courseSeries';
import { textTracks } from '../../features/run/runView';
import { useRun } from '../../state/hooks';
import type { RunCourse } from '../../../workers/api/runs';
import styles from './Run.module.css';
import { SaidNotices } from './SaidNotices';
import { SessionNotices } from './SessionNotices';

/** The run under way, or the last one; or a kept one that was opened since. */
export function Run() {
  const phase = useRun((state) => state.phase);
  const opened = useRun((state) => state.opened);
  return (
    <main id="main">
      {phase !== null && <RunProgress />}
      <div className={styles.page}>
        <h1 className="sr">Run</h1>
        <RunStrip afterRun={<DownloadAdapter />} />
        {opened && <OpenedStrip course={opened} />}
        <div className={styles.news}>
          {phase === null ? (
            <div className={styles.waiting}>
              <SessionNotices />
              <ResumeCard />
            </div>
          ) : (
            <>
              <OtherTab />
              <SilentWorker />
              <SaidNotices />
              <RunNews />
            </>
          )}
        </div>
        {phase !== null ? <RunBody /> : opened ? <OpenedBody course={opened} /> : <RunEmpty />}
        <EvaluationAnnouncer />
      </div>
      <RunDock />
      {opened && <OpenedDock />}
    </main>
  );
}

function OpenedBody({ course }: { course: RunCourse }) {
  const series = useMemo(() => seriesOfCourse(course), [course]);
  const { run, steps } = course;
  // An imported adapter was judged as it came.
  if (steps.length === 0 || series === null) {
    return <p className="label">Nothing was trained in this run, so there are no curves: its results say how both models did.</p>;
  }
  return (
    <div className={styles.grid}>
      <h2 className="sr">How it went</h2>
      <div className={styles.column}>
        <SeriesCharts series={series} task={run.task} />
      </div>
      <div className={styles.column}>
        <MeasuredOnTheWay course={course} />
        <CourseNotices notices={run.notices} />
      </div>
    </div>
  );
}

function RunBody() {
  const start = useRun((state) => state.start);
  const base = useRun((state) => state.base);
  const evaluations = useRun((state) => state.evaluations);
  // A run that ended before its first figure has nothing to draw, and none will come.
  const isBarren = useRun(
    ({ phase, base, baseLoss, latest }) => (phase === 'failed' || phase === 'stopped') && !base && !baseLoss && !latest,
  );
  if (isBarren) return null;
  if (start === null) return <AdapterAhead />;
  return (
    <div className={styles.grid}>
      <h2 className="sr">How it goes</h2>
      <div className={styles.column}>
        <RunCharts />
      </div>
      {start.settings.task === 'text' ? (
        <div className={styles.column}>
          <Perplexity />
        </div>
      ) : (
        <div className={styles.column}>
          <RunMatrices labels={start.labels} base={base} tuned={evaluations.at(-1) ?? null} />
          <WatchedTexts tracks={textTracks({ base, evaluations })} />
        </div>
      )}
    </div>
  );
}
