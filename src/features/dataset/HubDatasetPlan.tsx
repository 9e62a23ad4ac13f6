import { NativeSelect, TextInput } from '@mantine/core';
import type { HubDatasetPlan as Plan, HubFeature } from '../../../workers/api/hubDataset';
import type { HubDatasetDraft } from '../../state/hubDataset';
import { useHubDataset } from '../../state/hooks';
import { changeDraft, lookUpDataset } from '../../state/hubDatasetCommands';
import { Field, helpId } from '../../ui/Field';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Segments } from '../../ui/Segments';
import '../../ui/Table.css';
import { ColumnSelect, noLabels } from './Columns';
import { HubDatasetSplits } from './HubDatasetSplits';

interface PlanProps {
  plan: Plan;
  draft: HubDatasetDraft;
}

/** What a dataset has: licence, splits with rows and sizes, columns with classes, its first rows; and what of it is wanted. */
export function HubDatasetPlan({ plan, draft }: PlanProps) {
  const rows = plan.splits.reduce((sum, split) => sum + (split.rows ?? 0), 0);
  const note = useHubDataset((state) => (state.preset?.id === plan.id ? state.preset.note : null));
  return (
    <section className="hub-data-part" aria-labelledby="dataset-plan-title" data-testid="dataset-plan">
      <div className="panel-head">
        <h3 id="dataset-plan-title">{plan.id}</h3>
        <p className="reading">
          <b>{formatCount(rows)}</b> rows in {plural(plan.splits.length, 'split')}
        </p>
      </div>
      <Facts plan={plan} />
      <FirstRows plan={plan} />
      <div className="hub-data-choices">
        {plan.configs.length > 1 && <ConfigSelect plan={plan} />}
        <TextColumn plan={plan} draft={draft} />
        <LabelColumn plan={plan} draft={draft} />
      </div>
      <HubDatasetSplits plan={plan} draft={draft} />
      {note !== null && <p className="help hub-data-note">{note}</p>}
      <Rows draft={draft} />
    </section>
  );
}

function Facts({ plan }: { plan: Plan }) {
  return (
    <p className="hub-data-facts">
      <span data-testid="dataset-licence">
        Licence <b>{plan.licence ?? 'not stated'}</b>
      </span>
      <span>{plural(plan.features.length, 'column')}</span>
      {plan.isGated && <span>Its owners grant access</span>}
      {plan.isFromDevice && (
        <span data-testid="dataset-from-device">The Hub does not answer; this is what is kept on this device</span>
      )}
      <a className="link" href={`https://huggingface.co/datasets/${plan.id}`} target="_blank" rel="noreferrer">
        Its page
      </a>
    </p>
  );
}

const mostColumns = 4;

/** As text, whatever stands in them. */
function FirstRows({ plan }: { plan: Plan }) {
  if (plan.preview.length === 0) return null;
  const shown = plan.features.slice(0, mostColumns);
  return (
    <div className="scroll-x">
      <table className="table hub-data-preview">
        <thead>
          <tr>
            {shown.map(({ name }) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.preview.map((cells, row) => (
            <tr key={row}>
              {shown.map((feature, column) => (
                <td key={feature.name} className={isWide(feature) ? 'clip' : 'nowrap'}>
                  {cellWords(feature, cells[column] ?? '')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isWide({ type }: HubFeature): boolean {
  return type.includes('string');
}

function cellWords({ classNames }: HubFeature, cell: string): string {
  const name = classNames?.[Number(cell)];
  return name === undefined ? cell : `${cell} = ${name}`;
}

function ConfigSelect({ plan }: { plan: Plan }) {
  return (
    <Field htmlFor="dataset-config" label="Configuration" help={`One of ${plan.configs.length}.`}>
      <NativeSelect
        id="dataset-config"
        data-testid="dataset-config"
        data={plan.configs}
        value={plan.config}
        onChange={(event) => void lookUpDataset(plan.id, event.currentTarget.value)}
        aria-describedby={helpId('dataset-config')}
        classNames={{ input: 'input' }}
        rightSection={<Icon name="down" />}
        rightSectionPointerEvents="none"
      />
    </Field>
  );
}

function TextColumn({ plan, draft }: PlanProps) {
  const feature = plan.features.find(({ name }) => name === draft.text);
  return (
    <ColumnSelect
      id="dataset-text"
      label="Text column"
      columns={
        feature
          ? plan.features.map(({ name }) => name)
          : [{ value: '', label: 'Choose one' }, ...plan.features.map(({ name }) => name)]
      }
      value={draft.text}
      help={feature ? `Its type is ${feature.type}.` : 'No column is of the type string.'}
      onChange={(text) => changeDraft({ text })}
    />
  );
}

const shownClasses = 6;

function LabelColumn({ plan, draft }: PlanProps) {
  const feature = plan.features.find(({ name }) => name === draft.label);
  return (
    <ColumnSelect
      id="dataset-label"
      label="Label column"
      columns={[...plan.features.map(({ name }) => name), noLabels]}
      value={draft.label}
      help={labelWords(feature)}
      onChange={(label) => changeDraft({ label })}
    />
  );
}

function labelWords(feature: HubFeature | undefined): string {
  if (!feature) return 'Without labels, the model learns to write on like the texts.';
  const { classNames, type } = feature;
  if (classNames === null) return `Its type is ${type}; its values become the classes.`;
  const rest = classNames.length > shownClasses ? ' and others' : '';
  return `${plural(classNames.length, 'class', 'classes')}: ${classNames.slice(0, shownClasses).join(', ')}${rest}.`;
}

function Rows({ draft }: { draft: HubDatasetDraft }) {
  return (
    <div className="hub-data-rows">
      <Field htmlFor="dataset-rows" label="Rows of each split" help="At most so many. Empty: all of them.">
        <TextInput
          id="dataset-rows"
          data-testid="dataset-rows"
          inputMode="numeric"
          value={draft.rows}
          placeholder="all"
          onChange={(event) => changeDraft({ rows: event.currentTarget.value })}
          aria-describedby={helpId('dataset-rows')}
          classNames={{ input: 'input' }}
        />
      </Field>
      {draft.rows.trim() !== '' && (
        <div className="field">
          <span className="label">Which</span>
          <Segments
            label="Which rows"
            value={draft.choose}
            options={[
              { value: 'spread', label: 'Spread' },
              { value: 'first', label: 'The first' },
            ]}
            onChange={(choose) => changeDraft({ choose })}
          />
          <p className="help">
            {draft.choose === 'spread'
              ? 'At even distances, so that a split sorted by class keeps all its classes.'
              : 'From the top. A split sorted by class may then have one class only.'}
          </p>
        </div>
      )}
    </div>
  );
}
