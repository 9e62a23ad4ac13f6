import { useState } from 'react';
import { Button, LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/Notice';
import { Segments } from '../../ui/Segments';
import { saveFile } from '../../ui/saveFile';
import type { RunResult } from '../../../workers/api/results';
import type { ClusterStart } from '../../../workers/api/trainerApi';
import { useExporting, useReading, useRun, useSession } from '../../state/hooks';
import { stopExport, writeExport, type Exported } from '../../state/exporting';
import { trainer } from '../../client/trainerClient';
import { clusterPart } from '../../state/place';
import { startGap } from '../../state/readiness';
import { isRunning } from '../../state/run';
import { ExportProgress } from './ExportProgress';
import { Way } from './Way';
import styles from './adapter.module.css';

type From = Extract<ClusterStart, { of: 'result' }>['adapter'];

/** The run of the result, for a machine with more power than this tab has. */
export function ClusterOfResult({ result }: { result: RunResult }) {
  const [from, setFrom] = useState<From>('initial');
  const { writing, problem } = useExporting();
  const isPacking = writing === 'cluster';
  const isKept = useRun((state) => state.opened !== null);
  if (result.settings === null) return null;
  return (
    <Way
      id={clusterPart}
      testId="cluster"
      title="Continue on a cluster"
      words="The same run by PyTorch, PEFT and Accelerate, on one graphics card or many: texts, adapter, settings and the program in one folder. Its adapter comes back under Prepare."
    >
      <div className={styles.mergedRow}>
        <Segments
          label="Where the cluster begins"
          value={from}
          options={[
            { value: 'initial', label: 'From step 0' },
            { value: 'tuned', label: 'From this adapter' },
          ]}
          onChange={setFrom}
        />
        <PackButton writing={writing} onPress={() => void download({ of: 'result', adapter: from }, result)} />
      </div>
      {isPacking && <PackProgress />}
      {isKept && !isPacking && (
        <p className="under">
          A run that is kept has not its texts: they are taken from {result.datasetName}, which must be loaded on Prepare.
        </p>
      )}
      {problem?.what === 'cluster' && problem.of === result && <ErrorNotice report={problem.report} />}
    </Way>
  );
}

function PackProgress() {
  return <ExportProgress label="Folder for a cluster" before="Making the run ready" />;
}

function PackButton({ writing, onPress }: { writing: Exported | null; onPress: () => void }) {
  if (writing === 'cluster') {
    return (
      <Button size="sm" onClick={stopExport}>
        Stop packing
      </Button>
    );
  }
  return (
    <Button size="sm" icon="download" disabled={writing !== null} data-testid="download-cluster" onClick={onPress}>
      Download folder
    </Button>
  );
}

/** The run that is being prepared, whether it fits this device or not. */
export function ClusterOfPlan() {
  const session = useSession((state) => state);
  const { settings, problems } = useReading();
  const running = useRun(isRunning);
  const { writing, problem } = useExporting();
  const isPacking = writing === 'cluster';
  if (session.dataset === null) return null;
  const gap = startGap({ ...session, plan: null }, problems);
  const isBlocked = gap !== null || running || writing !== null;
  const take = (from: 'fresh' | 'adapter') => void download({ of: 'plan', settings, from }, null);
  return (
    <div>
      <section className="slim" id="cluster">
        <h2>Cluster</h2>
        <p>{planWords(writing, running, gap?.remedy ?? null)}</p>
        {isPacking ? (
          <LinkButton onClick={stopExport}>Stop packing</LinkButton>
        ) : (
          <span>
            <LinkButton disabled={isBlocked} onClick={() => take('fresh')} data-testid="download-cluster">
              Download the run
            </LinkButton>
            {session.adapter && (
              <LinkButton disabled={isBlocked} onClick={() => take('adapter')}>
                With the adapter
              </LinkButton>
            )}
          </span>
        )}
      </section>
      {isPacking && <PackProgress />}
      {problem?.what === 'cluster' && problem.of === null && <ErrorNotice report={problem.report} />}
    </div>
  );
}

function planWords(writing: Exported | null, running: boolean, remedy: string | null): string {
  if (writing === 'cluster') return 'Being packed';
  if (writing === 'merged') return 'A model is being written; a run can be taken to a cluster after it.';
  if (running) return 'A run is under way; another can be taken to a cluster when it is over.';
  return remedy ?? 'Too much for this tab? Take the run as a folder and train it with PyTorch on a bigger machine.';
}

/** What is packed when the reader has gone elsewhere is saved all the same. */
async function download(start: ClusterStart, of: RunResult | null): Promise<void> {
  const archive = await writeExport('cluster', of, () => trainer().exportCluster(start));
  if (archive) saveFile(archive.name, archive.blob);
}
