import type { CardEdit, CardKind } from '../api/card';
import type { HubAccount, PushOrder, PushPlan, Pushed } from '../api/push';
import type { SliceQuery, SlicesReport } from '../api/slices';
import type { Archive, ClusterStart, MergedExport, ModelDownload } from '../api/trainerApi';
import { writeGgufCard, writeMergedCard } from '../lora/modelCard';
import type { CardRecord } from '../lora/trainingLog';
import { cardOf, checkedCard, withCard } from './exports/adapterCard';
import { adapterArchive, baseArchive } from './exports/archive';
import { busy } from './busy';
import type { ClusterRun } from './exports/clusterFolder';
import { ExportRoom, writtenTypes } from './exports/exportRoom';
import { modelDownloads } from './exports/modelDownloads';
import { mergedFolder } from './run/folderNames';
import { dataOfKept } from './kept/keptData';
import { keptRecord } from './kept/keptRecord';
import { mergedPython } from './run/runPython';
import { PushRoom, type PushSource } from './exports/pushRoom';
import { adapterSource, ggufSource, mergedSource } from './exports/pushSources';
import { ggufCardUse, type GgufFormat } from './exports/gguf/folder';
import { ResultCommands } from './resultCommands';
import { inputsOf, type RunInputs } from './plan/runInputs';
import type { ReopenedRun } from './kept/runRoom';
import { TrainingRun } from './run/trainingRun';
import { keptAdapter, requireSameModel } from './run/workingModels';

/** What can be taken away of the result that the page shows: as files, or to the Hub. */
export abstract class ExportCommands extends ResultCommands {
  private readonly exports = new ExportRoom((event) => this.emit(event));
  private readonly pushes = new PushRoom(
    (event) => this.emit(event),
    () => this.cache.access(),
  );

  async modelCard(kind: CardKind, slices: SliceQuery): Promise<string> {
    return kind === 'adapter' ? cardOf(await this.adapter(slices)) : this.mergedCard(slices, null);
  }

  async exportAdapter(slices: SliceQuery, card: CardEdit = null): Promise<Archive> {
    return withCard(await this.adapter(slices), card);
  }

  async exportMerged({ type, file }: MergedExport, slices: SliceQuery, card: CardEdit = null): Promise<Archive | null> {
    if (type !== 'float16' && type !== 'float32') return this.exports.gguf(await this.tuned(), { type, file });
    return this.exports.merged(await this.tuned(), { type, file }, await this.mergedCard(slices, card));
  }

  async modelDownloads(): Promise<ModelDownload[]> {
    return modelDownloads((await this.tuned()).inputs);
  }

  async exportCluster(start: ClusterStart): Promise<Archive> {
    return this.exports.cluster((signal) => this.clusterRun(start, signal));
  }

  async cancelExport(): Promise<void> {
    this.exports.cancel();
  }

  async exportBase(): Promise<Archive> {
    if (!this.reopened) return baseArchive(this.finished.run.inputs.model);
    return baseArchive(await requireSameModel(this.reopened.run.run, this.model));
  }

  async hubAccount(): Promise<HubAccount> {
    return this.pushes.account();
  }

  async planPush(order: PushOrder): Promise<PushPlan> {
    return this.pushes.plan(order.id, await this.pushSource(order));
  }

  async push(order: PushOrder): Promise<Pushed> {
    return this.pushes.push(order.id, order.isPrivate, await this.pushSource(order));
  }

  async cancelPush(): Promise<void> {
    this.pushes.cancel();
  }

  private async pushSource({ content, card, slices }: PushOrder): Promise<PushSource> {
    if (content.what === 'adapter') return adapterSource(await this.adapter(slices), card);
    if (content.what === 'gguf') return this.ggufSource(content.type, slices);
    return mergedSource(await this.tuned(), writtenTypes[content.type], await this.mergedCard(slices, card));
  }

  private async adapter(slices: SliceQuery): Promise<Archive> {
    if (this.reopened) return this.keptRuns.adapter(this.reopened.run.run.id);
    return adapterArchive(this.finished, this.report(slices));
  }

  private async mergedCard(slices: SliceQuery, card: CardEdit): Promise<string> {
    if (card !== null) return checkedCard(card);
    const { inputs } = await this.tuned();
    return writeMergedCard(this.recordOf(inputs), mergedPython(inputs, mergedFolder(inputs.name)), this.report(slices));
  }

  private async ggufSource(type: GgufFormat, slices: SliceQuery): Promise<PushSource> {
    const tuned = await this.tuned();
    const { inputs } = tuned;
    return ggufSource(tuned, type, () => writeGgufCard(this.recordOf(inputs), ggufCardUse(inputs, type), this.report(slices)));
  }

  private recordOf({ model }: RunInputs): CardRecord {
    return this.reopened ? keptRecord(this.reopened.run, model) : this.finished.record;
  }

  private report(slices: SliceQuery): SlicesReport | null {
    return this.judged.classes?.slices[slices.judgedBy]?.report(slices) ?? null;
  }

  private async clusterRun(start: ClusterStart, signal: AbortSignal): Promise<ClusterRun> {
    if (start.of === 'plan') return this.plannedRun(start);
    return this.reopened ? this.keptRun(this.reopened.run, start.adapter, signal) : this.takenRun(start.adapter);
  }

  /** A run that has not begun. */
  private async plannedRun({ settings, from }: Extract<ClusterStart, { of: 'plan' }>): Promise<ClusterRun> {
    const dataset = this.data.current;
    const adapter = from === 'adapter' ? this.adapters.current : null;
    const inputs = await inputsOf(this.planning, settings, adapter, null);
    return { inputs, dataset, start: adapter ? 'imported' : 'initial', parameters: await this.firstParameters(inputs) };
  }

  private takenRun(adapter: 'initial' | 'tuned'): ClusterRun {
    const { run, dataset } = this.finished;
    const { inputs, baseParameters, tunedParameters } = run;
    if (adapter === 'tuned') return { inputs, dataset, start: 'tuned', parameters: tunedParameters };
    const { startFrom, planned } = inputs;
    if (!startFrom) return { inputs, dataset, start: 'initial', parameters: baseParameters };
    return { inputs, dataset, start: 'imported', parameters: planned.graphs.layout.pack(startFrom) };
  }

  /** A run of an earlier visit, from its data, which are loaded again. */
  private async keptRun(kept: ReopenedRun, start: 'initial' | 'tuned', signal: AbortSignal): Promise<ClusterRun> {
    const { run, result } = kept;
    const model = await requireSameModel(run, this.chosen);
    const data = await dataOfKept(kept, this.data, signal);
    const begun = start === 'tuned' ? run.id : await this.keptRuns.beginning(run);
    const archive = begun === null ? null : await this.keptRuns.adapter(begun);
    const adapter = archive && (await keptAdapter({ labels: result.labels, adapter: archive.blob }, model));
    const planning = { model, data, planner: this.connected.planner };
    const inputs = { ...(await inputsOf(planning, run.settings, adapter, null)), name: run.name };
    const from = start === 'tuned' ? 'tuned' : adapter ? 'imported' : 'initial';
    return { inputs, dataset: data.current, start: from, parameters: await this.firstParameters(inputs) };
  }

  private async firstParameters(inputs: RunInputs): Promise<Float32Array> {
    if (this.isTraining) throw busy('take another run away');
    return this.answer(() => new TrainingRun(inputs, this.emit, null).initialParameters(this.connected.engine));
  }
}
