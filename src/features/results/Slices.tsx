import { goTo } from '../../state/place';
import { setBands } from '../../state/slices';
import { LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import type { SliceFigures, SlicesReport } from '../../../workers/api/slices';
import { csvBlob } from './csv';
import { figureNames, figureOrder, figuresFor, type FigureName } from './sliceFigures';
import { SliceRuleForm } from './SliceRuleForm';
import { SliceTable } from './SliceTable';
import type { SlicesView } from './useSlices';
import shared from './shared.module.css';
import styles from './slices.module.css';

/** Both models on parts of the texts: by length, by another column, by the user's rules. */
export function Slices({ view }: { view: SlicesView }) {
  const { report, error, figure } = view;
  return (
    <Panel
      level={3}
      title="Slices"
      reading={
        <>
          {figureInSentence(figure)}, <span className="is-base">base</span> to <span className="is-tuned">tuned</span>
          {hasIntervals(figure) && <>, 95&nbsp;% intervals</>}
        </>
      }
    >
      <div data-testid="slices">
        <FigureChoice view={view} />
        {error && <ErrorNotice report={error} actions={<LinkButton onClick={() => setBands(null)}>Default bands</LinkButton>} />}
        {report === null && !error && <p className="label">Counting</p>}
        {report && <SliceTable report={report} view={view} />}
        {report && report.columns.length === 0 && <NoColumns />}
        <SliceRuleForm view={view} />
        {report && <Under report={report} view={view} />}
      </div>
    </Panel>
  );
}

function FigureChoice({ view }: { view: SlicesView }) {
  return (
    <label className={styles.figure}>
      Figure
      <select
        className={shared.control}
        data-testid="slice-figure"
        value={view.figure}
        onChange={(event) => {
          const figure = figuresFor(view.query.judgedBy).find((name) => name === event.target.value);
          if (figure) view.setFigure(figure);
        }}
      >
        {figuresFor(view.query.judgedBy).map((name) => (
          <option key={name} value={name}>
            {figureNames[name].title}
          </option>
        ))}
      </select>
    </label>
  );
}

function NoColumns() {
  return (
    <p className={styles.none}>
      No other column to slice by: the file has none, or none with values that several rows share. Add one to the file, such as
      genre or author, and{' '}
      <LinkButton data-testid="slices-add-column" onClick={() => goTo('prepare')}>
        choose it again
      </LinkButton>
      .
    </p>
  );
}

function Under({ report, view }: { report: SlicesReport; view: SlicesView }) {
  return (
    <>
      <p className={styles.note}>
        The dashed line is the tuned model on all texts.{' '}
        {hasIntervals(view.figure)
          ? 'An interval that crosses it shows no sure difference, and of twenty slices about one misses it by chance.'
          : `No interval is known for ${figureInSentence(view.figure)}, so a small slice may differ by chance.`}
        {view.figure.startsWith('macro') && ' Averages are over the classes that a slice has.'}
      </p>
      <p className={shared.under}>
        <LinkButton onClick={() => saveFile('slices.csv', csvBlob(csvColumns, csvRows(report)))}>Download as CSV</LinkButton>
      </p>
    </>
  );
}

/** "macro-F1". */
function figureInSentence(figure: FigureName): string {
  const { title } = figureNames[figure];
  return title.charAt(0).toLowerCase() + title.slice(1);
}

function hasIntervals(figure: FigureName): boolean {
  return figure === 'accuracy' || figure === 'macroF1';
}

const csvColumns = [
  'by',
  'value',
  'range',
  'rows',
  ...(['base', 'tuned'] as const).flatMap((role) => [
    ...figureOrder.map((name) => `${role} ${figureNames[name].title.toLowerCase()}`),
    `${role} accuracy from`,
    `${role} accuracy to`,
    `${role} macro-f1 from`,
    `${role} macro-f1 to`,
  ]),
];

function csvRows(report: SlicesReport): (string | number)[][] {
  return report.groups.flatMap(({ by, slices }) =>
    slices.map(({ value, range, rows, base, tuned }) => [by, value, range ?? '', rows, ...[base, tuned].flatMap(csvCells)]),
  );
}

function csvCells(figures: SliceFigures | null): (string | number)[] {
  if (figures === null) return figureOrder.map(() => '').concat('', '', '', '');
  return [...figureOrder.map((name) => figures[name] ?? ''), ...figures.intervals.accuracy, ...figures.intervals.macroF1];
}
