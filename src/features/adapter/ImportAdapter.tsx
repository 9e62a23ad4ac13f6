import { useRef } from 'react';
import type { ReactNode } from 'react';
import { Button, LinkButton } from '../../ui/Button';
import { Fact, Facts } from '../../ui/Facts';
import { formatCount } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { useFileDrop } from '../../ui/useFileDrop';
import { Panel } from '../../ui/Panel';
import type { AdapterSummary } from '../../../workers/api/results';
import { importAdapter } from '../../state/commands';
import { useRun, useSession } from '../../state/hooks';
import { isRunning } from '../../state/run';
import { evaluateAdapter, startRun } from '../../state/runCommands';
import { NameLabels } from './NameLabels';
import styles from './adapter.module.css';

/** Takes a downloaded adapter back: its zip, or its files. */
export function ImportAdapter() {
  const input = useRef<HTMLInputElement>(null);
  const model = useSession((state) => state.model);
  const adapter = useSession((state) => state.adapter);
  const loading = useSession((state) => state.adapterLoading);
  const error = useSession((state) => state.adapterError);
  const running = useRun(isRunning);
  const closed = loading || running || model === null;
  const { isOver, handlers } = useFileDrop((files) => void importAdapter(files), closed);
  return (
    <div className={styles.import} data-over={isOver} {...handlers}>
      <input
        ref={input}
        data-testid="file-adapter"
        type="file"
        hidden
        multiple
        disabled={closed}
        accept=".zip,.json,.safetensors,.md,.txt,application/zip"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // Cleared, so that the same file can be chosen again after it was mended.
          event.target.value = '';
          if (files.length > 0) void importAdapter(files);
        }}
      />
      {adapter ? (
        <ImportedAdapter adapter={adapter} running={running} onAnother={() => input.current?.click()} closed={closed} />
      ) : (
        <section className="slim">
          <h2>Adapter</h2>
          <p>{loading ? 'Being read' : 'Have one from an earlier day? Drop its zip here to evaluate it or train it further.'}</p>
          <LinkButton disabled={closed} onClick={() => input.current?.click()} data-testid="choose-adapter">
            Choose a file
          </LinkButton>
        </section>
      )}
      {error && <ErrorNotice report={error} />}
    </div>
  );
}

interface ImportedAdapterProps {
  adapter: AdapterSummary;
  running: boolean;
  closed: boolean;
  onAnother: () => void;
}

function ImportedAdapter({ adapter, running, closed, onAnother }: ImportedAdapterProps) {
  const { labels } = adapter;
  return (
    <Panel
      id="adapter"
      title="Adapter"
      reading={
        <>
          <b>{adapter.name}</b>, {taskWords(adapter)}
        </>
      }
    >
      <div className={styles.summary} data-testid="adapter-summary">
        <div className={styles.facts}>
          <Facts>
            <Fact name="Rank and alpha" value={`${adapter.r}, ${adapter.loraAlpha}`} />
            <Fact name="Adapted modules" value={<span className="mono">{adapter.targetModules.join(', ')}</span>} />
            {adapter.modulesToSave.length > 0 && (
              <Fact name="Wholly trained" value={<span className="mono">{adapter.modulesToSave.join(', ')}</span>} />
            )}
            <Fact name="Trained on" value={adapter.trainedOn} none="It does not say" />
            {adapter.task !== 'text' && (
              <Fact
                name="Classes"
                value={labels.length === 0 ? null : <span className={styles.labels}>{labelWords(labels)}</span>}
                none="The data’s"
              />
            )}
          </Facts>
        </div>
        {adapter.labelsAreGuessed && <NameLabels labels={labels} />}
        <NextSteps running={running}>
          <LinkButton disabled={closed} onClick={onAnother}>
            Choose another
          </LinkButton>
        </NextSteps>
      </div>
    </Panel>
  );
}

function taskWords({ task, labels }: AdapterSummary): string {
  if (task === 'text') return 'for plain text';
  const classes = labels.length === 0 ? 'classes of any name' : `${formatCount(labels.length)} classes`;
  return task === 'prompt' ? `${classes}, by prompt` : classes;
}

const labelsNamed = 12;

function labelWords(labels: readonly string[]): string {
  const rest = labels.length - labelsNamed;
  return `${labels.slice(0, labelsNamed).join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`;
}

/** What can be done with the adapter; on a wide page the summary has these steps too. */
function NextSteps({ running, children }: { running: boolean; children: ReactNode }) {
  const dataset = useSession((state) => state.dataset);
  const evaluating = useSession((state) => state.evaluating);
  const waits = evaluating
    ? 'It is being evaluated; the results open by themselves.'
    : running
      ? 'A run is under way; the adapter waits for its end.'
      : 'Evaluating it, or training it further, needs a dataset.';
  return (
    <div className={styles.actions}>
      {dataset !== null && !running ? (
        <span className={styles.narrowOnly}>
          <Button size="sm" onClick={() => void evaluateAdapter()}>
            Evaluate it
          </Button>
          <Button size="sm" onClick={() => void startRun('adapter')}>
            Continue training it
          </Button>
        </span>
      ) : (
        <p className="help">{waits}</p>
      )}
      {children}
    </div>
  );
}
