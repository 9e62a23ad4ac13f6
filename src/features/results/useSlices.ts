import { useEffect, useMemo, useState } from 'react';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { JudgedBy } from '../../../workers/api/results';
import type { Slice, SliceChoice, SliceGroup, SliceQuery, SlicesReport } from '../../../workers/api/slices';
import { trainer } from '../../client/trainerClient';
import { useSliceWishes } from '../../state/hooks';
import type { JudgedResult } from './judged';
import { figuresFor, type FigureName } from './sliceFigures';

export type ChosenSlice = Pick<SliceChoice, 'kind' | 'by' | 'value'>;

/** What the parts of the page that show slices have in common. */
export interface SlicesView {
  query: SliceQuery;
  /** The last one that came; null before the first. */
  report: SlicesReport | null;
  error: ErrorReport | null;
  figure: FigureName;
  setFigure: (figure: FigureName) => void;
  /** Null: the first. */
  setColumn: (column: string) => void;
  chosen: ChosenSlice | null;
  choose: (chosen: ChosenSlice) => void;
}

type Answer = Pick<SlicesView, 'report' | 'error'> & { judgedBy: JudgedBy };

/** Asks the worker for the slices of a result whenever the user slices in another way. */
export function useSlices(result: JudgedResult, first: FigureName): SlicesView {
  const { bands, rules } = useSliceWishes();
  const [columns, setColumns] = useState<readonly string[] | null>(null);
  const [column, setColumn] = useState<string | null>(null);
  const { judgedBy } = result;
  const [wanted, setFigure] = useState<FigureName>(first);
  const figure = figuresFor(judgedBy).find((name) => name === wanted) ?? first;
  const [chosen, choose] = useState<ChosenSlice | null>(null);
  const shown = columns?.find((name) => name === column) ?? columns?.[0] ?? null;
  const query = useMemo<SliceQuery>(
    () => ({ judgedBy, bands, rules, columns: shown === null ? [] : [shown] }),
    [judgedBy, bands, rules, shown],
  );
  const [answer, setAnswer] = useState<Answer>({ judgedBy, report: null, error: null });
  useEffect(() => {
    let isCurrent = true;
    Promise.resolve()
      .then(() => trainer().slices(query))
      .then(
        (report) => {
          if (!isCurrent) return;
          setColumns(report.columns);
          // A first answer without its column is followed by one with it.
          if (query.columns.length > 0 || report.columns.length === 0) setAnswer({ judgedBy, report, error: null });
        },
        (thrown: unknown) => {
          if (isCurrent) setAnswer((before) => ({ ...before, judgedBy, error: reportOf(thrown) }));
        },
      );
    return () => {
      isCurrent = false;
    };
  }, [result, query, judgedBy]);
  // What another way of judging gave is no answer to this one.
  const { report, error } = answer.judgedBy === judgedBy ? answer : { report: null, error: null };
  return { query, report, error, figure, setFigure, setColumn, chosen: standing(report, chosen), choose };
}

/** The chosen slice where the report still has it with a text, else the weakest of enough texts. */
function standing(report: SlicesReport | null, chosen: ChosenSlice | null): ChosenSlice | null {
  if (report === null) return null;
  const slices = report.groups.flatMap((group) => group.slices.map((slice) => ({ group, slice })));
  const filled = slices.filter(({ slice }) => slice.rows > 0);
  const found = filled.find(({ group, slice }) => chosen !== null && isChosen(chosen, group, slice));
  if (found) return chosen;
  const enough = filled.filter(({ slice }) => !slice.tooFew);
  const accuracy = ({ slice }: (typeof slices)[number]) => slice.tuned?.accuracy ?? 1;
  const [weakest] = (enough.length > 0 ? enough : filled).toSorted((first, second) => accuracy(first) - accuracy(second));
  return weakest ? { kind: weakest.group.kind, by: weakest.group.by, value: weakest.slice.value } : null;
}

export function isChosen(chosen: ChosenSlice | null, { kind, by }: SliceGroup, { value }: Slice): boolean {
  return chosen !== null && chosen.kind === kind && chosen.by === by && chosen.value === value;
}
