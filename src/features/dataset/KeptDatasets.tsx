import { useHubDataset } from '../../state/hooks';
import { deleteKeptDataset, lookUpOwnDataset } from '../../state/hubDatasetCommands';
import { Button } from '../../ui/Button';
import { DeleteButton } from '../../ui/DeleteButton';
import { formatBytes } from '../../ui/format';
import '../../ui/Table.css';

/** Datasets whose files are kept on this device; nothing where there is none. */
export function KeptDatasets() {
  const kept = useHubDataset((state) => state.kept);
  const isBusy = useHubDataset((state) => state.isLookingUp || state.isLoading);
  if (kept.length === 0) return null;
  const keptBytes = kept.reduce((sum, dataset) => sum + dataset.keptBytes, 0);
  return (
    <section className="hub-data-part" aria-labelledby="kept-datasets-title" data-testid="kept-datasets">
      <div className="panel-head">
        <h3 id="kept-datasets-title">Datasets kept on this device</h3>
        <p className="reading">
          <b>{formatBytes(keptBytes)}</b>
        </p>
      </div>
      <table className="table kept-datasets">
        <tbody>
          {kept.map((dataset) => (
            <tr key={`${dataset.id} ${dataset.config}`} data-testid="kept-dataset">
              <th scope="row">{dataset.id}</th>
              <td>{dataset.config === 'default' ? '' : dataset.config}</td>
              <td className="num nowrap">{formatBytes(dataset.keptBytes)}</td>
              <td>
                <span className="acts">
                  <Button size="sm" disabled={isBusy} onClick={() => void lookUpOwnDataset(dataset.id, dataset.config)}>
                    Look up
                  </Button>
                  <DeleteButton
                    name={dataset.id}
                    sizeBytes={dataset.keptBytes}
                    disabled={isBusy}
                    onDelete={() => void deleteKeptDataset(dataset)}
                    testId="kept-dataset"
                  />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
