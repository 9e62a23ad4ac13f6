import { toHuggingFaceNames, writeSetting } from '../../api/hyperparameters';
import type { CardRecord } from '../trainingLog';
import { code, inline } from './markdown';

/** Steps, time, device, and every setting under its Hugging Face name. */
export function trainingLines(record: CardRecord): string {
  const { result } = record;
  const settings = Object.entries(toHuggingFaceNames(record.settings)).map(
    ([name, value]) => `- ${code(name)}: ${inline(writeSetting(value))}`,
  );
  const ended = result.stopped ? 'stopped early' : 'run to its end';
  return [
    `${result.steps} steps, ${ended}, in ${Math.round(result.elapsedSeconds)} seconds on ${inline(record.device)}. The adapter is that of step ${result.bestStep}, the best evaluation.`,
    '',
    ...settings,
    '',
    ...halvedRateLines(record),
    ...classWeightLines(record),
    ...precisionLines(record),
    `The base model’s own dropouts (\`embd_pdrop\`, \`attn_pdrop\`, \`resid_pdrop\`) were not applied while training; \`lora_dropout\` was. Every loss is the ${result.classWeights ? 'weighted ' : ''}mean over the ${lossUnits[result.task]} of a step, also with gradient accumulation.`,
  ].join('\n');
}

const lossUnits = { head: 'texts', prompt: 'answers’ tokens', text: 'tokens' } as const;

/** Among hundreds of classes, the extremes say what matters. */
const mostWeights = 24;

function classWeightLines({ labels, result }: CardRecord): string[] {
  const { classWeights } = result;
  if (classWeights === null) return [];
  const weights = classWeights.map((weight, index) => `${code(labels[index] ?? '')} ${weight.toPrecision(4)}`);
  const [least, most] = [Math.min(...classWeights), Math.max(...classWeights)].map((weight) => weight.toPrecision(4));
  const told = weights.length <= mostWeights ? weights.join(', ') : `from ${least} to ${most}`;
  return [
    `Classes were weighed in the loss by their rarity, as by scikit-learn’s balanced class weights: ${told}. The losses of evaluations are not weighed.`,
    '',
  ];
}

function halvedRateLines({ result: { rateHalvedAfter } }: CardRecord): string[] {
  if (rateHalvedAfter === null) return [];
  return [`The loss or its gradients were no numbers after step ${rateHalvedAfter}: from there on half the scheduled learning rate was used.`, '']; // prettier-ignore
}

function precisionLines({ settings, result }: CardRecord): string[] {
  if (!settings.fp16) return [];
  const skipped =
    result.skippedSteps === 0 ? 'no step was' : `${result.skippedSteps} ${result.skippedSteps === 1 ? 'step was' : 'steps were'}`;
  return [
    `Activations were held as float16, gradients were scaled so that they fit, and ${skipped} skipped for an overflow; the adapter, its gradients and the optimizer were float32.`,
    '',
  ];
}
