import { noCleaning, type CleaningSettings } from '../../api/cleaning';
import { TuneletError } from '../../api/errors';
import { defaultSettings } from '../../api/model';
import type { AdapterSummary } from '../../api/results';
import type { TaskName, TrainingSettings } from '../../api/settings';
import { writeZipBlob } from '../../files/zip';
import { readAdapter, type ImportedAdapter } from '../../lora/adapterFiles';
import { asTargetList } from '../../lora/targets';
import type { ChosenModel } from './modelRoom';

/** An imported adapter with the names of its classes. */
export class HeldAdapter {
  /** Id of the kept run that left it; null for another's. */
  ofRun: string | null = null;
  private readonly imported: ImportedAdapter;
  private readonly labels: readonly string[];
  private readonly labelsAreGuessed: boolean;
  private readonly targetModules: string[];

  constructor(
    imported: ImportedAdapter,
    model: ChosenModel,
    labels = imported.labels,
    labelsAreGuessed = imported.labelsAreGuessed && imported.labels.length > 0,
  ) {
    this.imported = imported;
    this.labels = labels;
    this.labelsAreGuessed = labelsAreGuessed;
    const { targetModules, layers } = imported.config;
    this.targetModules = asTargetList(targetModules, model.base.modules, layers);
  }

  get tensors(): ReadonlyMap<string, Float32Array> {
    return this.imported.tensors;
  }

  /** How the texts that it learned from were cleaned. */
  get cleaning(): CleaningSettings {
    return this.imported.log?.cleaning ?? noCleaning;
  }

  /** PEFT's adapter for a language model has no head: it answers in words. */
  private get task(): TaskName {
    const { config, log } = this.imported;
    if (config.task !== 'CAUSAL_LM') return 'head';
    return log?.task === 'text' ? 'text' : 'prompt';
  }

  named(labels: readonly string[], model: ChosenModel): HeldAdapter {
    const wanted = this.labels.length;
    if (labels.length !== wanted || new Set(labels).size !== wanted || labels.some((label) => label === '')) {
      throw new TuneletError(
        'settings/invalid',
        `This adapter's head has ${wanted} classes; ${labels.length} names came, ${new Set(labels).size} of them different.`,
        `Enter ${wanted} different names, in the order of the head.`,
      );
    }
    const named = new HeldAdapter(this.imported, model, [...labels], false);
    named.ofRun = this.ofRun;
    return named;
  }

  summary(): AdapterSummary {
    const { name, config, log } = this.imported;
    return {
      name,
      task: this.task,
      r: config.r,
      loraAlpha: config.loraAlpha,
      targetModules: this.targetModules,
      modulesToSave: [...(config.modulesToSave ?? [])],
      labels: [...this.labels],
      labelsAreGuessed: this.labelsAreGuessed,
      trainedOn: log?.trainedOn ?? null,
      textColumn: log?.columns.text ?? null,
      textPair: log?.columns.pair ?? null,
    };
  }

  /** The classes in the head's order. Throws where the dataset has others. */
  labelsFor(datasetLabels: readonly string[]): readonly string[] {
    if (this.task === 'text') return [];
    const strangers = datasetLabels.filter((label) => !this.labels.includes(label));
    if (strangers.length === 0) return this.labels;
    // Words for classes can be any.
    if (this.task === 'prompt') return datasetLabels;
    throw new TuneletError(
      'adapter/does-not-fit',
      `This adapter does not fit the dataset. It knows the classes ${list(this.labels)}; the dataset has ${list(strangers)}.`,
      this.labelsAreGuessed ? 'Name the adapter’s classes as the dataset does.' : 'Use a dataset with the adapter’s classes.',
      { unknown: strangers.length },
    );
  }

  /** The user's settings with this adapter's shape. */
  shape(settings: TrainingSettings): TrainingSettings {
    const { config, log } = this.imported;
    const { r, loraAlpha, useRslora, useDora, modulesToSave = [] } = config;
    // Its own prompt, unless the user works on one.
    const prompt = this.task === 'prompt' && settings.task !== 'prompt' ? log?.prompt : null;
    const { task, targetModules } = this;
    const own = { r, loraAlpha, useRslora, useDora, targetModules, modulesToSave: [...modulesToSave] };
    // Where it adapts some blocks alone, its list has whole paths.
    return { ...settings, ...prompt, task, ...own, layersToTransform: [] };
  }

  /** What it was trained with, as far as it says. */
  evaluationSettings(model: ChosenModel): TrainingSettings {
    const { settings } = defaultSettings(model.summary, null);
    const maxLength = Math.min(this.imported.log?.maxLength ?? settings.maxLength, model.base.positions);
    return this.shape({ ...settings, maxLength, loraDropout: this.imported.config.loraDropout });
  }
}

function list(labels: readonly string[]): string {
  const shown = labels.slice(0, 6).join(', ');
  return labels.length > 6 ? `${shown} and ${labels.length - 6} more` : shown;
}

/** Holds the adapter that was imported last; it belongs to the model it was checked against. */
export class AdapterRoom {
  private held: { adapter: HeldAdapter; model: ChosenModel; files: readonly File[] } | null = null;

  get current(): HeldAdapter {
    if (this.held) return this.held.adapter;
    throw new TuneletError('run/not-ready', 'There is no imported adapter.', 'Drop the zip of a downloaded adapter first.');
  }

  /** What the texts were called that it learned from; null where none is held, or it does not say. */
  get textColumn(): string | null {
    return this.held?.adapter.summary().textColumn ?? null;
  }

  /** `ofRun`: id of the kept run that left it. */
  async import(files: readonly File[], model: ChosenModel, ofRun: string | null = null): Promise<AdapterSummary> {
    const adaptable = {
      name: model.summary.name,
      modules: model.base.modules,
      tensors: model.base.tensors,
      width: model.base.width,
      fanInFanOut: model.base.fanInFanOut,
      defaultTargets: model.base.defaultTargets,
    };
    const imported = await readAdapter(files, adaptable, ['SEQ_CLS', 'CAUSAL_LM']);
    this.held = { adapter: new HeldAdapter(imported, model), model, files };
    this.held.adapter.ofRun = ofRun;
    return this.held.adapter.summary();
  }

  nameLabels(labels: readonly string[]): AdapterSummary {
    const named = this.current.named(labels, this.model);
    this.held = { adapter: named, model: this.model, files: this.held?.files ?? [] };
    return named.summary();
  }

  /** The zip that it came as, or its files as one. */
  async archive(): Promise<Blob> {
    const files = this.held?.files ?? [];
    const [only, ...others] = files;
    if (only && others.length === 0) return only;
    return writeZipBlob(files.map((file) => ({ name: file.name, blob: file })));
  }

  clear(): void {
    this.held = null;
  }

  private get model(): ChosenModel {
    if (this.held) return this.held.model;
    throw new TuneletError('run/not-ready', 'There is no imported adapter.', 'Drop the zip of a downloaded adapter first.');
  }
}
