import type { LearningRatePoint } from '../../api/steps';
import type { TrainingSettings } from '../../api/settings';
import { learningRateAt, rateFactor, type StepPlan } from '../../training/schedule';

const mostRates = 200;

/** The rates of the steps, or of some of them evenly spaced, for drawing what is ahead. */
export function scheduleOf(
  settings: TrainingSettings,
  { totalSteps, warmupSteps }: Pick<StepPlan, 'totalSteps' | 'warmupSteps'>,
  halvedAfter: number | null,
): LearningRatePoint[] {
  const count = Math.min(totalSteps, mostRates);
  return Array.from({ length: count }, (_, index) => {
    const step = count === 1 ? totalSteps : 1 + Math.round((index * (totalSteps - 1)) / (count - 1));
    const { lrSchedulerType, learningRate } = settings;
    const rate = learningRateAt(step - 1, lrSchedulerType, learningRate, warmupSteps, totalSteps);
    return { step, learningRate: rateFactor(step, halvedAfter) * rate };
  });
}
