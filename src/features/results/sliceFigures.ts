import { formatFigure, formatShare } from '../../charts/format';
import { roundTicks } from '../../charts/scale';
import type { JudgedBy } from '../../../workers/api/results';
import type { Slice, SliceFigures, SliceGroup, SlicesReport } from '../../../workers/api/slices';

export type FigureName = Exclude<keyof SliceFigures, 'intervals'>;

/** The figures that slices can be compared by; those in nats have a scale of their own, and some need probabilities. */
export const figureNames: Readonly<Record<FigureName, { title: string; isShare: boolean; isOfProbabilities?: boolean }>> = {
  accuracy: { title: 'Accuracy', isShare: true },
  macroF1: { title: 'Macro-F1', isShare: true },
  weightedF1: { title: 'Weighted F1', isShare: true },
  macroPrecision: { title: 'Macro precision', isShare: true },
  macroRecall: { title: 'Macro recall', isShare: true },
  loss: { title: 'Loss', isShare: false, isOfProbabilities: true },
  calibrationError: { title: 'Calibration error', isShare: false, isOfProbabilities: true },
};

export const figureOrder = Object.keys(figureNames).filter((name): name is FigureName => name in figureNames);

/** Those that there are by that way of judging. */
export function figuresFor(judgedBy: JudgedBy): FigureName[] {
  return figureOrder.filter((name) => judgedBy === 'likelihood' || !figureNames[name].isOfProbabilities);
}

/** Of that figure, where it has one. */
export function intervalOf(figures: SliceFigures, name: FigureName): [number, number] | null {
  return name === 'accuracy' || name === 'macroF1' ? figures.intervals[name] : null;
}

export function figureWords(value: number, name: FigureName): string {
  return figureNames[name].isShare ? formatShare(value) : formatFigure(value);
}

export function intervalWords([low, high]: [number, number]): string {
  return `${formatShare(low)} to ${formatShare(high)}`;
}

/** The right end of the scale: 1 for shares, else a round number above every value. */
export function scaleTop(report: SlicesReport, name: FigureName): number {
  if (figureNames[name].isShare) return 1;
  const slices = report.groups.flatMap(({ slices }) => slices);
  const values = [report.all, ...slices].flatMap(({ base, tuned }) => [base?.[name] ?? 0, tuned?.[name] ?? 0]);
  const largest = Math.max(...values.filter(Number.isFinite), 0);
  const ticks = roundTicks(largest);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  return Math.ceil(largest / step - 1e-9) * step || 1;
}

/** A slice as it is called in a sentence: "short, under 50 words", "genre drama". */
export function sliceWords(
  { kind, by }: Pick<SliceGroup, 'kind' | 'by'>,
  { value, range }: Pick<Slice, 'value' | 'range'>,
): string {
  if (kind === 'rule') return value;
  if (kind === 'length') return range ?? value;
  return `${by} ${value}`;
}
