import { DownloadAdapter } from '../../features/adapter/AdapterCard';
import { RunCharts } from '../../features/run/RunCharts';
import { AdapterAhead, RunEmpty } from '../../features/run/RunEmpty';
import { Perplexity } from '../../features/run/Perplexity';
import { ResumeCard } from '../../features/run/ResumeCard';
import { OtherTab } from '../../features/run/OtherTab';
import { SilentWorker } from '../../features/run/SilentWorker';
import { RunMatrices } from '../../features/run/RunMatrices';
import { EvaluationAnnouncer, RunNews } from '../../features/run/RunNews';
import { RunDock, RunProgress, RunStrip } from '../../features/run/RunStrip';
import { WatchedTexts } from '../../features/run/WatchedTexts';
import { textTracks } from '../../features/run/runView';
import { useRun } from '../../state/hooks';
import styles from './Run.module.css';
import { SessionNotices } from './SessionNotices';

/** The run under way, or the last one. */
export function Run() {
  const phase = useRun((state) => state.phase);
  return (
    <main id="main">
      {phase !== null && <RunProgress />}
      <div className={styles.page}>
        <h1 className="sr">Run</h1>
        <RunStrip afterRun={<DownloadAdapter />} />
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
              <RunNews />
            </>
          )}
        </div>
        {phase === null ? <RunEmpty /> : <RunBody />}
        <EvaluationAnnouncer />
      </div>
      <RunDock />
    </main>
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
