import { NativeSelect } from '@mantine/core';
import type { SplitName } from '../../../workers/api/dataset';
import type { HubDatasetPlan, HubDatasetSplit } from '../../../workers/api/hubDataset';
import { withSplit, type HubDatasetDraft } from '../../state/hubDataset';
import { changeDraft } from '../../state/hubDatasetCommands';
import { formatBytes, formatCount } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import '../../ui/Table.css';

const uses: readonly { value: SplitName | ''; label: string }[] = [
  { value: 'train', label: 'Training' },
  { value: 'validation', label: 'Validation' },
  { value: 'test', label: 'Test' },
  { value: '', label: 'Not used' },
];

/** Splits with their rows and sizes, and what each is used for. */
export function HubDatasetSplits({ plan, draft }: { plan: HubDatasetPlan; draft: HubDatasetDraft }) {
  return (
    <div className="scroll-x">
      <table className="table hub-data-splits">
        <thead>
          <tr>
            <th>Split</th>
            <th className="num">Rows</th>
            <th className="num">Download</th>
            <th>Used for</th>
          </tr>
        </thead>
        <tbody>
          {plan.splits.map((split) => (
            <SplitRow key={split.name} split={split} draft={draft} />
          ))}
        </tbody>
      </table>
      <PartsWithout draft={draft} />
    </div>
  );
}

function SplitRow({ split, draft }: { split: HubDatasetSplit; draft: HubDatasetDraft }) {
  const { name, rows, sizeBytes } = split;
  const part = uses.find(({ value }) => value !== '' && draft.splits[value] === name)?.value ?? '';
  return (
    <tr data-testid="dataset-split">
      <th scope="row">
        {name}
        <span className="help">{stateWords(split, draft.label)}</span>
      </th>
      <td className="num">{rows === null ? 'not told' : formatCount(rows)}</td>
      <td className="num nowrap">{sizeBytes === null ? '100 rows at a time' : formatBytes(sizeBytes)}</td>
      <td>
        <NativeSelect
          aria-label={`What ${name} is used for`}
          data-testid={`split-use-${name}`}
          data={[...uses]}
          value={part}
          onChange={(event) => {
            const use = uses.find(({ value }) => value === event.currentTarget.value)?.value ?? '';
            changeDraft(withSplit(draft, name, use === '' ? null : use));
          }}
          classNames={{ input: 'input' }}
          rightSection={<Icon name="down" />}
          rightSectionPointerEvents="none"
        />
      </td>
    </tr>
  );
}

function stateWords({ sizeBytes, keptBytes, isPartial, unlabelled }: HubDatasetSplit, label: string): string {
  if (unlabelled.includes(label)) return 'labels kept secret';
  if (isPartial) return 'only its beginning';
  if (sizeBytes !== null && keptBytes === sizeBytes) return 'on this device';
  return keptBytes > 0 ? 'partly on this device' : 'on the Hub';
}

function PartsWithout({ draft: { splits } }: { draft: HubDatasetDraft }) {
  const words =
    splits.validation === null && splits.test === null
      ? 'A tenth of the training rows validates and a tenth is the test set, by label.'
      : splits.validation === null
        ? 'A tenth of the training rows validates, by label.'
        : splits.test === null
          ? 'Without a test set the run is judged on the validation rows.'
          : '';
  return words === '' ? null : <p className="help hub-data-note">{words}</p>;
}
