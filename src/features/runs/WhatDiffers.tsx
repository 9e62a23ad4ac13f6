import type { ComparedFigure, ComparedJudgements, ComparedTexts, ListedRun } from '../../../workers/api/runs';
import { sameSettings } from '../../../workers/api/settingDifferences';
import { formatCount, plural } from '../../ui/format';
import '../../ui/Table.css';
import { differences } from './whatChanged';
import styles from './runs.module.css';

/** Settings and figures of two runs that are not the same. */
export function WhatDiffers({ a, b, found: { figures, texts } }: { a: ListedRun; b: ListedRun; found: ComparedJudgements }) {
  const changes = differences(b, a);
  const same = sameSettings(b.settings, a.settings);
  return (
    <div className="panel">
      <div className="panel-head">
        <h3>What differs</h3>
        <p className="reading">{plural(same, 'setting is', 'settings are')} the same</p>
      </div>
      <table className="table" data-testid="what-differs">
        <thead>
          <tr>
            <th scope="col">
              <span className="sr">Setting or figure</span>
            </th>
            <th scope="col" className="num">
              A
            </th>
            <th scope="col" className="num">
              B
            </th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change, index) =>
            change.kind === 'value' ? (
              <tr key={change.name}>
                <td className="mono">{change.name}</td>
                <td className={`num ${styles.text}`}>{change.after}</td>
                <td className={`num ${styles.text}`}>{change.before}</td>
              </tr>
            ) : (
              <tr key={index}>
                <td colSpan={3}>{change.words}</td>
              </tr>
            ),
          )}
          {figures.map((figure) => (
            <FigureRows key={figure.name} figure={figure} split={a.figures.split === 'test' ? 'Test' : 'Validation'} />
          ))}
          {texts && texts.common > 0 && (
            <tr>
              <td>Only this one is right on</td>
              <td className="num nowrap">{plural(texts.onlyA, 'text')}</td>
              <td className="num nowrap">{plural(texts.onlyB, 'text')}</td>
            </tr>
          )}
        </tbody>
      </table>
      {texts && <p className={styles.sentence}>{verdict(texts, figures)}</p>}
    </div>
  );
}

const names: Record<ComparedFigure['name'], string> = {
  accuracy: 'accuracy',
  macroF1: 'macro-F1',
  loss: 'loss',
  perplexity: 'perplexity',
};

function FigureRows({ figure: { name, a, b, difference, interval }, split }: { figure: ComparedFigure; split: string }) {
  const isShare = name === 'accuracy' || name === 'macroF1';
  const shown = (value: number): string => (isShare ? (value * 100).toFixed(1) : value.toFixed(value < 100 ? 3 : 0));
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${shown(Math.abs(value))}`;
  const tone = isShare ? 'is-tuned' : 'is-loss';
  return (
    <>
      <tr>
        <td>
          {split} {names[name]}
        </td>
        <td className="num nowrap">
          <b className={tone}>{shown(a)}</b>
        </td>
        <td className="num nowrap">
          <b className={tone}>{shown(b)}</b>
        </td>
      </tr>
      <tr>
        <td className="quiet">A less B{interval && ', 95 % interval'}</td>
        <td className="num nowrap" colSpan={2}>
          {signed(difference)}
          {interval && <span className="quiet">{` (${signed(interval[0])} to ${signed(interval[1])})`}</span>}
        </td>
      </tr>
    </>
  );
}

function verdict({ common, ofA, ofB, onlyA, onlyB, pValue }: ComparedTexts, figures: readonly ComparedFigure[]): string {
  if (common === 0) return 'No text was judged by both, so that a difference says something of the texts, too.';
  const probability = pValue < 0.001 ? 'under 0.001' : pValue.toFixed(3);
  const test = `McNemar’s test of ${formatCount(onlyA)} against ${formatCount(onlyB)}: p ${pValue < 0.001 ? '' : '= '}${probability}.`;
  if (common < ofA || common < ofB)
    return `They were not judged on the same texts, so their figures have no interval of the difference. On the ${formatCount(common)} texts of both: ${test}`;
  if (figures.every(({ interval }) => interval === null))
    return `They know different classes, so the difference has no interval. ${test}`;
  return pValue < 0.05 ? `More than chance tells them apart. ${test}` : `Chance alone could make this difference. ${test}`;
}
