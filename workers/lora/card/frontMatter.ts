import type { ClassResult, RunResult, TextResult } from '../../api/results';
import type { CardRecord } from '../trainingLog';
import { yaml } from './markdown';

/** The licences that the Hub knows by name, as of its documentation; any other goes under `license_name`. */
const knownLicences =
  /^(apache-2\.0|mit|openrail\+{0,2}|bigscience-openrail-m|bigscience-bloom-rail-1\.0|creativeml-openrail-m|afl-3\.0|artistic-2\.0|bsl-1\.0|bsd(-[23]-clause)?|c-uda|cc|cc0-1\.0|cc-by(-nc|-sa|-nd|-nc-sa|-nc-nd)?-[234]\.[05]|cdla-(sharing|permissive)-[12]\.0|gemma|llama2|llama3(\.[123])?|llama4|a?gpl(-3\.0)?|lgpl(-3\.0)?|mpl-2\.0|odc-by|odbl|unlicense|wtfpl|zlib|isc|ms-pl|ecl-2\.0|epl-[12]\.0|eupl-1\.[12]|deepfloyd-if-license|fair-noncommercial-research-license|intel-research|lppl-1\.3c|ncsa|ofl-1\.1|pddl|postgresql|unknown|other)$/;

/** Of what a card tells: an adapter, or base and adapter as one model, for transformers or for llama.cpp. */
export type CardSubject = 'adapter' | 'merged' | 'gguf';

const libraries = { adapter: 'peft', merged: 'transformers', gguf: 'gguf' } as const;

/** What the Hub reads of a card, as YAML between two lines of dashes. */
export function frontMatter(record: CardRecord, subject: CardSubject = 'adapter'): string {
  const { base, data, result } = record;
  const isMerged = subject !== 'adapter';
  return [
    '---',
    `base_model: ${yaml(base.name)}`,
    ...(isMerged ? ['base_model_relation: finetune'] : []),
    `library_name: ${libraries[subject]}`,
    ...licenceLines(base.licence),
    ...(data.hub ? ['datasets:', `- ${yaml(data.hub.id)}`] : []),
    `pipeline_tag: ${taskType(result)}`,
    'tags:',
    `- ${yaml(`base_model:${isMerged ? 'finetune' : 'adapter'}:${base.name}`)}`,
    '- lora',
    ...(subject === 'gguf' ? ['- llama.cpp'] : ['- transformers']),
    '- tunelet',
    ...modelIndex(record),
    '---',
  ].join('\n');
}

function taskType(result: RunResult): string {
  return result.task === 'head' ? 'text-classification' : 'text-generation';
}

/** An adapter is made from its base, so the base's licence is the one to state; nothing where it is not known. */
function licenceLines(licence: string | null): string[] {
  if (licence === null) return [];
  return knownLicences.test(licence) ? [`license: ${yaml(licence)}`] : ['license: other', `license_name: ${yaml(licence)}`];
}

/** The tuned model's figures, where the Hub and its tools look for them. */
function modelIndex({ data, result }: CardRecord): string[] {
  const split = result.task === 'text' ? result.split : result.tuned.split;
  // Of a dataset of the Hub the part that the run called so, under its own name there.
  const hubSplit = data.hub?.splits[split] ?? split;
  return [
    'model-index:',
    `- name: ${yaml(result.name)}`,
    '  results:',
    '  - task:',
    `      type: ${taskType(result)}`,
    '    dataset:',
    `      type: ${yaml(data.hub?.id ?? data.name)}`,
    `      name: ${yaml(data.name)}`,
    ...(data.hub ? [`      config: ${yaml(data.hub.config)}`] : []),
    `      split: ${yaml(hubSplit)}`,
    '    metrics:',
    ...metricsOf(result).flatMap(({ type, name, value }) =>
      // YAML has no number for what is none.
      Number.isFinite(value) ? [`    - type: ${type}`, `      name: ${yaml(name)}`, `      value: ${value}`] : [],
    ),
  ];
}

function metricsOf(result: RunResult): { type: string; name: string; value: number }[] {
  if (result.task === 'text') return textMetrics(result);
  return classMetrics(result);
}

function textMetrics({ tuned }: TextResult) {
  return [
    { type: 'perplexity', name: 'Perplexity', value: tuned.perplexity },
    { type: 'loss', name: 'Loss (nats per token)', value: tuned.loss },
  ];
}

function classMetrics({ tuned }: ClassResult) {
  return [
    { type: 'accuracy', name: 'Accuracy', value: tuned.accuracy },
    { type: 'f1', name: 'Macro-F1', value: tuned.macro.f1 },
    { type: 'precision', name: 'Macro precision', value: tuned.macro.precision },
    { type: 'recall', name: 'Macro recall', value: tuned.macro.recall },
    { type: 'f1', name: 'Weighted F1', value: tuned.weighted.f1 },
    { type: 'loss', name: 'Loss (nats)', value: tuned.loss },
  ];
}
