import { useState } from 'react';
import { Button } from '../../ui/Button';
import { Choice } from '../../ui/Choice';
import { formatBytes } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { saveFile } from '../../ui/saveFile';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { RunResult } from '../../../workers/api/results';
import type { ModelDownload, ModelFormat } from '../../../workers/api/trainerApi';
import { trainer } from '../../client/trainerClient';
import { stopExport, tellExportProblem, writeExport } from '../../state/exporting';
import { useExporting, useSession } from '../../state/hooks';
import { editedCard } from '../../state/modelCards';
import { allSlices } from '../../state/slices';
import { askForFile, type Asked } from './askForFile';
import { ExportProgress } from './ExportProgress';
import { bytesOfFormat, formatWords, sharedRefusal } from './formatWords';
import { UsageLines } from './UsageLines';
import { Way } from './Way';
import styles from './adapter.module.css';

/** The tuned model for those who deploy it: for transformers, llama.cpp and Ollama, with the lines that use it. */
export function MergedModel({ result }: { result: RunResult }) {
  const { downloads, problem, ask } = useModelDownloads(result);
  // llama.cpp has no place for a classification head.
  const hasGguf = result.task !== 'head';
  return (
    <Way
      title={hasGguf ? 'Merged model, GGUF' : 'Merged model'}
      words={`${result.modelName} with the adapter in its weights: for transformers without PEFT${hasGguf ? ', for llama.cpp and for Ollama' : ''}.`}
      testId="merged"
      onToggle={(isOpen) => isOpen && ask()}
    >
      {problem && <ErrorNotice report={problem} />}
      {downloads && <Formats result={result} downloads={downloads} />}
    </Way>
  );
}

function Formats({ result, downloads }: { result: RunResult; downloads: readonly ModelDownload[] }) {
  const [type, setType] = useState<ModelFormat>('float16');
  const { writing, problem } = useExporting();
  const isWriting = writing === 'merged';
  // Of the model that is chosen, where that is still the run's.
  const parameters = useSession(({ model }) => (model?.name === result.modelName ? model.parameterCount : null));
  const chosen = downloads.find((download) => download.type === type);
  const refusal = sharedRefusal(downloads);
  const offered = refusal ? downloads.filter(({ refused }) => refused === null) : downloads;
  return (
    <>
      <div className={styles.formats} role="radiogroup" aria-label="Format of the model">
        {offered.map(({ type: own, refused }) => {
          const { title, sentence } = formatWords(own, result.modelName);
          const sizeBytes = bytesOfFormat(own, parameters, result.adapterBytes);
          return (
            <Choice
              key={own}
              name="model-format"
              value={own}
              title={title}
              checked={own === type}
              disabled={refused !== null || isWriting}
              testId={`format-${own}`}
              onChoose={() => setType(own)}
            >
              {refused
                ? `${refused.message} ${refused.remedy}`
                : sizeBytes === null
                  ? sentence
                  : `${sentence} About ${formatBytes(sizeBytes)}.`}
            </Choice>
          );
        })}
      </div>
      {refusal && (
        <p className="under" data-testid="gguf-refused">
          No GGUF: {refusal.message} {refusal.remedy}
        </p>
      )}
      {chosen?.note != null && (
        <p className="under" data-testid="format-note">
          {chosen.note}
        </p>
      )}
      <div className={styles.mergedRow}>
        {isWriting ? (
          <Button size="sm" onClick={stopExport}>
            Stop
          </Button>
        ) : (
          <Button
            size="sm"
            icon="download"
            disabled={writing !== null}
            data-testid="download-merged"
            onClick={() => void download(type, chosen?.name ?? 'model.zip', result)}
          >
            Download {formatWords(type, result.modelName).button}
          </Button>
        )}
      </div>
      {isWriting && <ExportProgress label="Model" before="Reading the base model" />}
      {problem?.what === 'merged' && problem.of === result && <ErrorNotice report={problem.report} />}
      {chosen && <UsageLines key={type} lines={chosen.lines} of={formatWords(type, result.modelName).button} />}
    </>
  );
}

/** Asked for when the part is opened, and again where the result is another. */
function useModelDownloads(result: RunResult) {
  const [answer, setAnswer] = useState<{ of: RunResult; downloads: ModelDownload[] | null; problem: ErrorReport | null } | null>(
    null,
  );
  const ask = () => {
    trainer()
      .modelDownloads()
      .then((downloads) => setAnswer({ of: result, downloads, problem: null }))
      .catch((thrown: unknown) => setAnswer({ of: result, downloads: null, problem: reportOf(thrown) }));
  };
  const own = answer?.of === result ? answer : null;
  return { downloads: own?.downloads ?? null, problem: own?.problem ?? null, ask };
}

/** Goes on while another place is shown; without a file of the user's the browser downloads it at the end. */
async function download(type: ModelFormat, fileName: string, of: RunResult): Promise<void> {
  let asked: Asked;
  try {
    asked = await askForFile(fileName);
  } catch (thrown) {
    tellExportProblem('merged', of, thrown);
    return;
  }
  if (asked.kind === 'declined') return;
  const file = asked.kind === 'file' ? asked.file : null;
  const archive = await writeExport('merged', of, () =>
    trainer().exportMerged({ type, file }, allSlices(), editedCard('merged')),
  );
  if (archive) saveFile(archive.name, archive.blob);
}
