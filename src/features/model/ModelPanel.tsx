import type { ReactNode } from 'react';
import type { ModelSource, ModelSummary } from '../../../workers/api/model';
import { openModelWay } from '../../state/commands';
import { useRun, useSession } from '../../state/hooks';
import { isRunning } from '../../state/run';
import { Choice as Card } from '../../ui/Choice';
import { formatBytes, formatCount, formatParameters, formatPercent } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { FilesForm, ModelFileInput } from './FilesForm';
import { HubPart } from './HubPart';
import './ModelPanel.css';
import { WeightsInMemory } from './WeightsInMemory';

type Kind = ModelSource['kind'];

/** Three ways to a base model; the one in use stays until another is read. */
export function ModelPanel() {
  const model = useSession((state) => state.model);
  const error = useSession((state) => state.modelError);
  const loading = useSession((state) => state.modelLoading);
  const locked = useRun(isRunning);
  const kind = useSession((state) => state.modelWay);
  return (
    <Panel title="Model" id="model" reading={model && <ModelReading model={model} />}>
      <fieldset disabled={locked} aria-label="Base model">
        <Choices model={model} chosen={kind} onChoose={openModelWay} />
        {kind === 'hub' && (
          <HubPart error={error} locked={locked}>
            {loading && <ModelProgress />}
          </HubPart>
        )}
        {kind === 'files' && <FilesForm locked={locked} />}
        {kind !== 'hub' && loading && <ModelProgress />}
        {error && kind !== 'hub' && (
          <div className="model-below">
            <ErrorNotice report={error} />
            {model && <p className="help kept">{model.name} stays chosen.</p>}
          </div>
        )}
        {kind === 'files' && model?.source === 'files' && (
          <div className="part own-memory">
            <WeightsInMemory />
          </div>
        )}
        {!error && !loading && model && model.source !== kind && (
          <p className="help kept">{model.name} stays chosen until another is read.</p>
        )}
      </fieldset>
    </Panel>
  );
}

export { ModelFileInput };

function ModelReading({ model }: { model: ModelSummary }) {
  const plan = useSession((state) => state.plan);
  return (
    <>
      <b>{formatParameters(model.parameterCount)}</b> parameters, frozen.
      {plan && (
        <>
          {' '}
          <b>{formatCount(plan.trainableParameters)}</b> trained (
          {formatPercent(plan.trainableParameters / model.parameterCount, 2)})
        </>
      )}
    </>
  );
}

interface ChoicesProps {
  chosen: Kind;
  onChoose: (kind: Kind) => void;
}

/** The built-in model, and the names of those of the hub or of files once they are read. */
function Choices({ model, ...choosing }: ChoicesProps & { model: ModelSummary | null }) {
  const hubModel = model?.source === 'hub' ? model : null;
  const ownModel = model?.source === 'files' ? model : null;
  return (
    <div className="choices" role="radiogroup" aria-label="Base model">
      <Choice kind="embedded" {...choosing} title="nano-gpt2">
        {'Comes with the page. 5.4\u00a0M parameters, 11\u00a0MB. For a first try.'}
      </Choice>
      <Choice kind="hub" {...choosing} title={hubModel ? hubModel.name : 'From the Hugging Face Hub'}>
        {hubModel
          ? `From the Hugging Face Hub. ${formatBytes(hubModel.sizeBytes)}.`
          : 'Any GPT-2, Llama, Mistral or Qwen2 model, downloaded once and kept on this device.'}
      </Choice>
      <Choice kind="files" {...choosing} title={ownModel ? ownModel.name : 'Your own files'}>
        {ownModel
          ? `From your files. ${formatBytes(ownModel.sizeBytes)}.`
          : 'A folder with config.json, tokenizer.json and safetensors, or a GGUF.'}
      </Choice>
    </div>
  );
}

interface ChoiceProps extends ChoicesProps {
  kind: Kind;
  title: string;
  children: ReactNode;
}

function Choice({ kind, chosen, onChoose, title, children }: ChoiceProps) {
  return (
    <Card
      name="model"
      value={kind}
      title={title}
      checked={kind === chosen}
      onChoose={() => onChoose(kind)}
      testId={`model-${kind}`}
    >
      {children}
    </Card>
  );
}

function ModelProgress() {
  const loading = useSession((state) => state.modelLoading);
  if (!loading) return null;
  const { file, loadedBytes, totalBytes } = loading;
  return (
    <div className="model-below reading-file" data-testid="model-progress">
      <p>
        <b>Reading {file}</b>
        {totalBytes > 0 && <span>{`${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`}</span>}
      </p>
      <Meter label={`Bytes of ${file} read`} share={totalBytes > 0 ? loadedBytes / totalBytes : null} />
    </div>
  );
}
