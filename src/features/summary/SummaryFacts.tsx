import type { DatasetSummary } from '../../../workers/api/dataset';
import type { ModelSummary } from '../../../workers/api/model';
import type { TaskName, TrainingSettings } from '../../../workers/api/settings';
import type { RunPlan } from '../../../workers/api/trainerApi';
import { isOf, missingBytes } from '../../state/hub';
import { useHub, usePace, useReading, useSession } from '../../state/hooks';
import { paceWords } from '../../state/paceWords';
import { Fact, Facts } from '../../ui/Facts';
import { formatBytes, formatCount, formatDuration, formatParameters, formatPercent, plural } from '../../ui/format';
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
      <Fact name="Data" value={null} none={none} note={loading?.file ?? failure?.file} />
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
        <TaskFact settings={settings} labels={counts.length} />
        <Fact name="Rows" value={formatCount(dataset.split.train)} note={`of ${formatCount(dataset.rowCount)} for training`} />
        {counts.length > 0 && settings.task !== 'text' && (
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
        {settings.task !== 'head' && <LossFact plan={plan} task={settings.task} waiting={waiting} />}
        {cut !== null && <Fact name={`Cut at ${settings.maxLength}`} value={formatPercent(cut)} note="of the texts" />}
        <Fact name="Steps" value={plan && formatCount(plan.totalSteps)} none={waiting} note={plan && stepsNote(plan, settings)} />
        {settings.fp16 && <Fact name="Activations" value={plan && plan.precision} none={waiting} note={plan?.precisionNotice} />}
        {plan?.gradientCheckpointing.isOn === true && <Fact name="Recomputing" value="on" note={recomputingNote(plan)} />}
        <Fact
          name="Trained"
          value={plan && formatCount(plan.trainableParameters)}
          none={waiting}
          note={plan && trainedNote(plan, model)}
        />
        <TimeFact plan={plan} waiting={waiting} />
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

const taskNames: Record<TaskName, string> = { head: 'With a head', prompt: 'By prompt', text: 'Plain text' };

function TaskFact({ settings: { task, maxLength }, labels }: { settings: TrainingSettings; labels: number }) {
  const note = { head: null, prompt: plural(labels, 'label word'), text: `in blocks of ${formatCount(maxLength)} tokens` }[task];
  return <Fact name="Task" value={taskNames[task]} note={task === 'text' && !Number.isFinite(maxLength) ? null : note} />;
}

/** Tokens that are learned from: a text's last one is no input, for nothing comes after it, yet it is one of them. */
function LossFact({ plan, task, waiting }: { plan: RunPlan | null; task: TaskName; waiting: string }) {
  const known = plan?.task === task ? plan : null;
  const share = known && known.targetsPerEpoch / Math.max(1, known.tokensPerEpoch + known.trainRows);
  return (
    <Fact
      name="Carry loss"
      value={known && formatCount(known.targetsPerEpoch)}
      none={waiting}
      note={share !== null && `${formatPercent(share)} of all tokens`}
    />
  );
}

function stepsNote(plan: RunPlan, { task, predictWithGenerate }: TrainingSettings): string {
  const ways = task === 'prompt' && predictWithGenerate ? ', the last in two ways' : '';
  return `${formatCount(plan.stepsPerEpoch)} an epoch, ${plural(plan.evaluations, 'evaluation')}${ways}`;
}

function trainedNote({ trainableParameters, adapterBytes }: RunPlan, model: ModelSummary | null): string {
  const share =
    model && `${formatPercent(trainableParameters / model.parameterCount, 2)} of ${formatParameters(model.parameterCount)}, `;
  return `${share ?? ''}${formatBytes(adapterBytes)}`;
}

/** Time follows from what was measured on this device, by a run or a trial before it; never from a guess. */
function TimeFact({ plan, waiting }: { plan: RunPlan | null; waiting: string }) {
  const { pace, isPending } = usePace();
  if (!plan) return <Fact name="Time" value={null} none={waiting} />;
  if (pace === null) {
    const note = isPending ? 'being tried on this device' : 'measured in the first steps';
    return <Fact name="Time" value={null} note={note} />;
  }
  const tokens = (plan.tokensPerEpoch / Math.max(1, plan.stepsPerEpoch)) * plan.totalSteps;
  return (
    <Fact
      name="Time"
      value={`about ${formatDuration(tokens / pace.tokensPerSecond)}`}
      note={`${paceWords[pace.basis]}, without evaluations`}
    />
  );
}
