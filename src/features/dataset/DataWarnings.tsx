import { type DatasetSummary, plainLabels } from '../../../workers/api/dataset';
import { mapColumns } from '../../state/commands';
import { useReading } from '../../state/hooks';
import { setSetting } from '../../state/settings';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Notice';
import { splitMessage } from '../../ui/splitMessage';

/** What the user should know of data that can be used as they are, with the remedy as a button where there is one. */
export function DataWarnings({ dataset }: { dataset: DatasetSummary }) {
  return dataset.warnings.map(({ code, message }) => (
    <div className="data-warning" key={message} data-testid="dataset-warning" data-code={code}>
      {code === 'class-imbalance' ? (
        <Imbalance dataset={dataset} message={message} />
      ) : code === 'label-variants' ? (
        <Variants dataset={dataset} message={message} />
      ) : (
        <Plain message={message} />
      )}
    </div>
  ));
}

function Plain({ message }: { message: string }) {
  const { happened, values } = splitMessage(message);
  return (
    <Notice kind="warn" title={happened}>
      {values || undefined}
    </Notice>
  );
}

function Imbalance({ dataset, message }: { dataset: DatasetSummary; message: string }) {
  const { settings } = useReading();
  const { happened, values } = splitMessage(message);
  const isOn = settings.classWeights === 'balanced';
  const rows = dataset.labels.reduce((sum, { count }) => sum + count, 0);
  const least = dataset.labels.reduce((rarest, { count }) => Math.min(rarest, count), Infinity);
  const weight = rows / (dataset.labels.length * least);
  const times = `${weight >= 10 ? Math.round(weight) : weight.toFixed(1)} times`;
  if (settings.task !== 'head') {
    return (
      <Notice kind="warn" title={happened}>
        {`${values} Class weights would help a head; this task counts every token the same. Macro-F1 counts every class the same.`}
      </Notice>
    );
  }
  return (
    <Notice
      kind={isOn ? 'info' : 'warn'}
      title={happened}
      actions={
        <Button size="sm" data-testid="use-class-weights" onClick={() => setSetting('classWeights', isOn ? 'none' : 'balanced')}>
          {isOn ? 'Weigh all alike' : 'Use class weights'}
        </Button>
      }
    >
      {isOn ? `Class weights count its errors ${times}.` : `${values} Class weights count its errors ${times}.`}
    </Notice>
  );
}

function Variants({ dataset, message }: { dataset: DatasetSummary; message: string }) {
  const { happened, values } = splitMessage(message);
  const { mapping } = dataset;
  const join = () =>
    void mapColumns({ ...mapping, labelOptions: { ...(mapping.labelOptions ?? plainLabels), mergeVariants: true } });
  return (
    <Notice
      kind="warn"
      title={happened}
      actions={
        <Button size="sm" data-testid="join-variants" onClick={join}>
          Join them
        </Button>
      }
    >
      {values || undefined}
    </Notice>
  );
}
