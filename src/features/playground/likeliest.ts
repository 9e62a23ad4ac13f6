import { formatPercent, plural } from '../../ui/format';

interface ClassProbability {
  label: string;
  probability: number;
}

/** Up to this many classes stand in their own order, so that both models' bars can be compared line by line. */
const mostInOrder = 8;
const mostOfMany = 6;

/** What a model answers: the likeliest class, the classes to draw, and the rest in words. */
export function likeliest(classes: readonly ClassProbability[]): {
  top: string;
  shown: readonly ClassProbability[];
  others: string | null;
} {
  const ranked = classes.toSorted((first, second) => second.probability - first.probability);
  const top = ranked[0]?.label ?? '';
  if (classes.length <= mostInOrder) return { top, shown: classes, others: null };
  const rest = ranked.slice(mostOfMany);
  const share = rest.reduce((sum, one) => sum + one.probability, 0);
  return {
    top,
    shown: ranked.slice(0, mostOfMany),
    others: `${plural(rest.length, 'other class', 'other classes')}: ${formatPercent(share, 0)}`,
  };
}
