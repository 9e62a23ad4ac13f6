import { NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { CleaningReport } from '../../../workers/api/cleaning';
import type { DatasetSummary, SplitMethod, SplitName, SplitOptions } from '../../../workers/api/dataset';
import { splitDataset } from '../../state/commands';
import { Field, helpId } from '../../ui/Field';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Segments } from '../../ui/Segments';
import { Switch } from '../../ui/Switch';
import { ClassTable } from './ClassTable';
import styles from './dataset.module.css';
import { draftOf, fieldsOf, readDraft, type SplitDraft, type SplitField } from './splitDraft';

const methods: Record<SplitMethod, string> = { ratio: 'By ratio', rows: 'Rows a class', given: 'Files as given' };

/** How rows are parted into training, validation and test, and what came of it by class. */
export function SplitPart({ dataset, report }: { dataset: DatasetSummary; report: CleaningReport | null }) {
  const { splitOptions, givenSplits, labels } = dataset;
  const offered = (['ratio', 'rows', 'given'] as const).filter(
    (method) => (method !== 'given' || givenSplits.includes('validation')) && (method !== 'rows' || labels.length > 0),
  );
  return (
    <section className={styles.part} aria-label="Split" data-testid="split-part">
      <div className={styles.partHead}>
        <h3>Split</h3>
        {offered.length > 1 && (
          <Segments
            label="How to split"
            value={splitOptions.method}
            options={offered.map((method) => ({ value: method, label: methods[method] }))}
            onChange={(method) => void splitDataset({ method })}
          />
        )}
      </div>
      <div className={styles.halves}>
        <div>
          <SplitFields dataset={dataset} />
          <ul className={styles.switches}>
            {splitOptions.method === 'ratio' && labels.length > 0 && (
              <Row
                label="Same share of each class"
                isOn={splitOptions.stratified}
                testId="split-stratified"
                onChange={(stratified) => void splitDataset({ stratified })}
              />
            )}
            <GroupRow dataset={dataset} />
            <Row
              label="Keep the same text in one part"
              isOn={splitOptions.sameTextTogether}
              testId="split-same-text"
              help={sameTextWords(dataset, report)}
              onChange={(sameTextTogether) => void splitDataset({ sameTextTogether })}
            />
          </ul>
        </div>
        <ClassTable dataset={dataset} />
      </div>
    </section>
  );
}

function sameTextWords({ splitOptions, givenSplits }: DatasetSummary, report: CleaningReport | null): string {
  if (!report) return 'Counting…';
  const { inTwoSplits } = report;
  if (inTwoSplits === 0) return 'No text stands in two parts.';
  const texts = plural(inTwoSplits, 'text');
  if (!splitOptions.sameTextTogether) {
    return `${texts} ${inTwoSplits === 1 ? 'stands' : 'stand'} in two parts, so the test knows ${inTwoSplits === 1 ? 'it' : 'them'} already.`;
  }
  const where = givenSplits.length > 0 ? 'left out of training where a file of their own has them' : 'each in one part now';
  return `${texts} stood in two parts: ${where}.`;
}

interface RowProps {
  label: string;
  isOn: boolean;
  testId: string;
  help?: string;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
  children?: ReactNode;
}

function Row({ label, isOn, testId, help, isDisabled = false, onChange, children }: RowProps) {
  return (
    <li>
      <Switch
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
        aria-label={label}
        data-testid={testId}
      />
      <div>
        <b>{label}</b>
        {help !== undefined && <p className="help">{help}</p>}
      </div>
      {children}
    </li>
  );
}

/** "One author's texts never stand in two parts." */
function GroupRow({ dataset }: { dataset: DatasetSummary }) {
  const { columns, mapping, splitOptions, groups } = dataset;
  const others = columns.filter((column) => ![mapping.text, mapping.label, mapping.textPair?.column].includes(column));
  const [first] = others;
  if (first === undefined) return null;
  const column = splitOptions.groupColumn;
  return (
    <Row
      label="Keep a group in one part"
      isOn={column !== null}
      testId="split-grouped"
      help={
        groups === null
          ? 'Such as all texts of one author or film.'
          : plural(groups, `distinct ${column ?? ''}`.trim(), `distinct values of ${column ?? ''}`)
      }
      onChange={(isOn) => void splitDataset({ groupColumn: isOn ? first : null })}
    >
      {column !== null && (
        <NativeSelect
          aria-label="Group column"
          data-testid="split-group-column"
          data={others}
          value={column}
          onChange={(event) => void splitDataset({ groupColumn: event.currentTarget.value })}
          classNames={{ root: styles.pick ?? '', input: 'input' }}
          rightSection={<Icon name="down" />}
          rightSectionPointerEvents="none"
        />
      )}
    </Row>
  );
}

/** Shares or rows, and the seed; taken over when a field is left, or by Enter. */
function SplitFields({ dataset }: { dataset: DatasetSummary }) {
  const { splitOptions, givenSplits, split } = dataset;
  const { method } = splitOptions;
  const [draft, setDraft] = useState<SplitDraft>(() => draftOf(splitOptions));
  useEffect(() => setDraft(draftOf(splitOptions)), [splitOptions]);
  if (method === 'given') return <p className="help">{givenWords(givenSplits, split)}</p>;
  const reading = readDraft(draft, method);
  const problems = 'problems' in reading ? reading.problems : {};
  const isGiven = (name: SplitField) => name !== 'seed' && givenSplits.some((given) => given === name);
  const commit = () => {
    if ('options' in reading && isChange(reading.options, splitOptions)) void splitDataset(reading.options);
  };
  return (
    <div className={styles.shares}>
      {fieldsOf().map(({ name, label }) => (
        <Field key={name} htmlFor={`split-${name}`} label={label} problem={isGiven(name) ? null : (problems[name] ?? null)}>
          <TextInput
            id={`split-${name}`}
            data-testid={`split-${name}`}
            inputMode="decimal"
            disabled={isGiven(name) || (method === 'ratio' && name === 'train')}
            value={isGiven(name) ? 'own file' : method === 'ratio' && name === 'train' ? trainShare(draft) : draft[name]}
            onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
            onBlur={commit}
            onKeyDown={(event) => event.key === 'Enter' && commit()}
            aria-describedby={helpId(`split-${name}`)}
            aria-invalid={problems[name] !== undefined}
            classNames={{ input: 'input' }}
          />
        </Field>
      ))}
    </div>
  );
}

function isChange(options: Partial<SplitOptions>, before: SplitOptions): boolean {
  return JSON.stringify({ ...before, ...options }) !== JSON.stringify(before);
}

function trainShare({ validation, test }: SplitDraft): string {
  const rest = 100 - Number(validation.replace('%', '')) - Number(test.replace('%', ''));
  return Number.isFinite(rest) ? `${Number(rest.toFixed(2))} %` : '';
}

function givenWords(given: readonly SplitName[], split: Record<SplitName, number>): string {
  const parts = given.map((name) => `${formatCount(split[name])} rows for ${name}`);
  return `The files are taken as they are: ${formatCount(split.train)} rows for training, ${parts.join(', ')}.`;
}
