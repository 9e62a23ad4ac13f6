import { useEffect, useState } from 'react';
import { Button } from '../../ui/Button';
import { formatBytes, formatCount } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Card } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import { errorFromReport, reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { ClassFigures, ClassResult, ModelRole, RunResult } from '../../../workers/api/results';
import type { Archive } from '../../../workers/api/trainerApi';
import { trainer } from '../../client/trainerClient';
import { continueFromRun, importAdapter } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { keptRunsStore } from '../../state/keptRuns';
import { goTo } from '../../state/place';
import { editedCard, showCardsOf } from '../../state/modelCards';
import { startRun } from '../../state/runCommands';
import { sessionStore } from '../../state/session';
import { allSlices } from '../../state/slices';
import { figuresOf, textFiguresOf, type ToldFigures } from './figures';
import { showTakeAway } from './TakeAway';
import { UsageLines } from './UsageLines';
import styles from './adapter.module.css';

/** The adapter to take away, the lines that load it, and what can be done next. */
export function AdapterCard({ result }: { result: RunResult }) {
  const downloads = useDownloads();
  const { busy, error, save } = downloads;
  useEffect(() => showCardsOf(result), [result]);
  return (
    <Card
      title="Adapter"
      reading={
        result.origin === 'import'
          ? formatBytes(result.adapterBytes)
          : `${formatBytes(result.adapterBytes)}, step ${formatCount(result.bestStep)}`
      }
    >
      <Button
        kind="go"
        size="big"
        wide
        icon="download"
        className={styles.wideOnly}
        data-testid="download-adapter"
        disabled={busy !== null}
        onClick={() => save('adapter', () => trainer().exportAdapter(allSlices(), editedCard('adapter')))}
      >
        {busy === 'adapter' ? 'Packing the adapter' : 'Download adapter'}
      </Button>
      {error && <ErrorNotice report={error} />}
      <UsageLines lines={[{ tool: 'PEFT', text: result.python }]} of="adapter" />
      <p className="under">
        {result.task === 'prompt'
          ? 'With the prompt, the label words, the tokenizer, a model card and the training log.'
          : 'With the tokenizer, a model card and the training log.'}
      </p>
      {result.baseFilesOffered && (
        <p className="under">{result.modelName} is on no hub: take its files too, and put both folders beside your script.</p>
      )}
      <OtherDownloads result={result} downloads={downloads} />
      <NextSteps result={result} downloads={downloads} />
    </Card>
  );
}

interface CardPartProps {
  result: RunResult;
  downloads: ReturnType<typeof useDownloads>;
}

function OtherDownloads({ result, downloads: { busy, save } }: CardPartProps) {
  const device = useSession((state) => state.device?.label ?? '');
  const saveFigures = () =>
    save('figures', async () => {
      const text = JSON.stringify(
        result.task === 'text' ? textFiguresOf(result, device) : figuresOf(result, await toldFigures(result), device),
      );
      return { name: 'metrics.json', blob: new Blob([text, '\n'], { type: 'application/json' }) };
    });
  return (
    <div className={styles.more}>
      {result.baseFilesOffered && (
        <Button
          size="sm"
          data-testid="download-base"
          disabled={busy !== null}
          onClick={() => save('base', () => trainer().exportBase())}
        >
          {busy === 'base' ? 'Packing the files' : 'Download the base model’s files'}
        </Button>
      )}
      <Button size="sm" data-testid="download-metrics" disabled={busy !== null} onClick={saveFigures}>
        Download the figures
      </Button>
    </div>
  );
}

async function toldFigures({ written }: ClassResult): Promise<ToldFigures> {
  const [logits, slices] = [await trainer().logitsOfResult(), await trainer().slices(allSlices())];
  return { logits, slices, writtenSlices: written && (await trainer().slices(allSlices('writing'))) };
}

function NextSteps({ result, downloads: { busy, attempt } }: CardPartProps) {
  return (
    <div className={styles.next}>
      <Button
        size="sm"
        kind="text"
        data-testid="continue-training"
        disabled={busy !== null}
        onClick={() => attempt('adapter', () => continueTraining(result))}
      >
        Continue training
      </Button>
      {result.task !== 'text' && (
        <Button
          size="sm"
          kind="text"
          onClick={() => document.getElementById('label-a-file')?.scrollIntoView({ block: 'start' })}
          data-testid="to-label-a-file"
        >
          Label a file
        </Button>
      )}
      <Button size="sm" kind="text" onClick={() => goTo('prepare')}>
        New run
      </Button>
      <Button size="sm" kind="text" onClick={showTakeAway}>
        Take it away
      </Button>
    </div>
  );
}

/** For a run that has just ended. */
export function DownloadAdapter() {
  const { busy, error, save } = useDownloads();
  return (
    <>
      <Button
        icon="download"
        disabled={busy !== null}
        onClick={() => save('adapter', () => trainer().exportAdapter(allSlices(), editedCard('adapter')))}
      >
        Download adapter
      </Button>
      {error && <ErrorNotice report={error} />}
    </>
  );
}

/** The same main action at the bottom of a narrow page; `shown`: the figures by which the page judges. */
export function AdapterDock({ result, shown = null }: { result: RunResult; shown?: Record<ModelRole, ClassFigures> | null }) {
  const { busy, error, save } = useDownloads();
  return (
    <div className="dock">
      {error ? (
        <ErrorNotice report={error} />
      ) : (
        <div>
          <b>{figureWords(result, shown)}</b>
          <span className="label">
            {result.task === 'text'
              ? `perplexity, ${result.split} texts`
              : `${formatCount((shown ?? result).tuned.count)} ${result.tuned.split} texts`}
          </span>
        </div>
      )}
      <Button
        kind="go"
        icon="download"
        data-testid="download-adapter"
        disabled={busy !== null}
        onClick={() => save('adapter', () => trainer().exportAdapter(allSlices(), editedCard('adapter')))}
      >
        Download adapter
      </Button>
    </div>
  );
}

function figureWords(result: RunResult, shown: Record<ModelRole, ClassFigures> | null): string {
  if (result.task === 'text') return `${result.tuned.perplexity.toFixed(2)}, from ${result.base.perplexity.toFixed(2)}`;
  const { base, tuned } = shown ?? result;
  if (result.task === 'prompt') return `Macro-F1 ${(tuned.macro.f1 * 100).toFixed(1)}, from ${(base.macro.f1 * 100).toFixed(1)}`;
  return `${(tuned.accuracy * 100).toFixed(1)}\u00a0%, from ${(base.accuracy * 100).toFixed(1)}\u00a0%`;
}

/** The trainer goes on from an imported adapter, so that one of a run is handed back to it first. */
async function continueTraining(result: RunResult): Promise<void> {
  if (result.origin !== 'import') {
    await takeAdapter();
    const { adapterError } = sessionStore.getState();
    if (adapterError) throw errorFromReport(adapterError);
  }
  // Not awaited: this place is gone as soon as the run has begun, and a refusal is shown by the command itself.
  void startRun('adapter');
}

/** A kept run's is known by it, and is refused where another base model is chosen. */
async function takeAdapter(): Promise<void> {
  const { shown } = keptRunsStore.getState();
  if (shown) return continueFromRun(shown.id);
  const { name, blob } = await trainer().exportAdapter(allSlices(), editedCard('adapter'));
  await importAdapter([new File([blob], name, { type: 'application/zip' })]);
}

function useDownloads() {
  const [busy, setBusy] = useState<'adapter' | 'base' | 'figures' | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  const attempt = (what: 'adapter' | 'base' | 'figures', act: () => Promise<void>) => {
    setBusy(what);
    setError(null);
    act()
      .catch((thrown: unknown) => setError(reportOf(thrown)))
      .finally(() => setBusy(null));
  };
  const save = (what: 'adapter' | 'base' | 'figures', pack: () => Promise<Archive>) =>
    attempt(what, async () => {
      const { name, blob } = await pack();
      saveFile(name, blob);
    });
  return { busy, error, save, attempt };
}
