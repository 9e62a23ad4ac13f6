import type { DatasetSummary } from '../../../workers/api/dataset';
import type { ModelSummary } from '../../../workers/api/model';
import type { RunPlan } from '../../../workers/api/trainerApi';
import { isOf, missingBytes } from '../../state/hub';
import { useHub, useReading, useRun, useSession } from '../../state/hooks';
import { Fact, Facts } from '../../ui/Facts';
import { formatBytes, formatCount, formatDuration, formatPercent, plural } from '../../ui/format';
import { MemoryNeed } from './MemoryNeed';

/** Before there is data: what is ready and what is not. */
export function EarlyFacts() {
  const model = useSession((state) => state.model);
  const loading = useSession((state) => state.datasetLoading);
  const failure = useSession((state) => state.datasetError);
  const { changed } = useReading();
  const none = loading ? 'Being read' : failure ? 'Not read' : 'None yet';
  return (
    <Facts>
      <Fact name="Data" value={null} none={none} note={failure?.file} />
      <Fact name="Model" value={model?.name ?? null} none="None yet" note={model && `ready, ${formatBytes(model.sizeBytes)}`} />
      <Fact name="Settings" value={changed.length === 0 ? 'Defaults' : `${changed.length} changed`} />
      <Fact name="Steps" value={null} note="shown as soon as there is data" />
    </Facts>
  );
}

/** What the run will cost; figures that the plan has yet to give stand as not known. */
export function PlanFacts({ dataset }: { dataset: DatasetSummary }) {
  const plan = useSession((state) => state.plan);
  const isPending = useSession((state) => state.planPending);
  const model = useSession((state) => state.model);
  const device = useSession((state) => state.device);
  const { settings } = useReading();
  const counts = dataset.labels.map((label) => label.count);
  const largest =
    Math.max(...counts) /
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
  const waiting = isPending ? 'Being counted' : 'Not known yet';
  const cut = plan && plan.tokens.truncated > 0 ? plan.tokens.truncated / Math.max(1, plan.tokens.texts) : null;
  return (
    <div aria-busy={isPending}>
      <Facts>
        <Fact name="Rows" value={formatCount(dataset.split.train)} note={`of ${formatCount(dataset.rowCount)} for training`} />
        {counts.length > 0 && (
          <Fact name="Classes" value={formatCount(dataset.labels.length)} note={`largest ${formatPercent(largest)}`} />
        )}
        <Fact name="Model" value={model?.name ?? null} none="None yet" />
        <DownloadFact model={model} />
        <Fact
          name="Tokens"
          value={plan && formatCount(plan.tokensPerEpoch)}
          none={waiting}
          note={plan && 'an epoch, no padding'}
        />
        {cut !== null && <Fact name={`Cut at ${settings.maxLength}`} value={formatPercent(cut)} note="of the texts" />}
        <Fact name="Steps" value={plan && formatCount(plan.totalSteps)} none={waiting} note={plan && stepsNote(plan)} />
        {settings.fp16 && <Fact name="Activations" value={plan && plan.precision} none={waiting} note={plan?.precisionNotice} />}
        {plan?.gradientCheckpointing.isOn === true && <Fact name="Recomputing" value="on" note={recomputingNote(plan)} />}
        <Fact name="Adapter" value={plan && formatBytes(plan.adapterBytes)} none={waiting} />
        <TimeFact plan={plan} modelName={model?.name ?? null} />
        {!plan && <Fact name="Memory" value={null} none={waiting} />}
      </Facts>
      {plan && <MemoryNeed memory={plan.memory} onProcessor={device?.executor === 'wasm'} />}
    </div>
  );
}

/** What is still to come of the chosen model's files. */
function DownloadFact({ model }: { model: ModelSummary | null }) {
  const plan = useHub((state) => state.plan);
  const isChosen = plan !== null && model?.source === 'hub' && isOf(plan, { id: model.name, commit: model.revision ?? '' });
  if (!isChosen || missingBytes(plan) === 0) return null;
  const note = plan.keptBytes > 0 ? `${formatBytes(plan.keptBytes)} of it is here` : 'once, then kept on this device';
  return <Fact name="Download" value={formatBytes(plan.totalBytes)} note={plan.storage ? note : 'for each run'} />;
}

/** Why activations are computed again, where nobody asked for it. */
function recomputingNote({ memory, gradientCheckpointing: { insteadOfBytes } }: RunPlan): string | null {
  if (insteadOfBytes === null) return null;
  return `by itself: this run needs ${formatBytes(memory.totalBytes)} instead of ${formatBytes(insteadOfBytes)}`;
}

function stepsNote(plan: RunPlan): string {
  return `${formatCount(plan.stepsPerEpoch)} an epoch, ${plural(plan.evaluations, 'evaluation')}`;
}

/** Time follows from the speed of a run before it with the same model; without one it is measured in the first steps. */
function TimeFact({ plan, modelName }: { plan: RunPlan | null; modelName: string | null }) {
  const result = useRun((state) => state.result);
  const speed = result && result.modelName === modelName && result.tokensPerSecond > 0 ? result.tokensPerSecond : null;
  if (!plan || speed === null) return <Fact name="Time" value={null} note="measured in the first steps" />;
  const tokens = (plan.tokensPerEpoch / Math.max(1, plan.stepsPerEpoch)) * plan.totalSteps;
  return (
    <Fact
      name="Time"
      value={`about ${formatDuration(tokens / speed)}`}
      note="of training, at the last run’s speed; evaluations come on top"
    />
  );
}
