import { useHubDataset, useSession } from '../../state/hooks';
import { leavePreset, takePresetModel, undoChanges } from '../../state/hubDatasetCommands';
import { Button, LinkButton } from '../../ui/Button';
import '../../ui/Table.css';

/** What a preset changed of the settings, each to be taken back, and the model that they are meant for. */
export function HubDatasetChanges() {
  const preset = useHubDataset((state) => (state.plan === null ? null : state.preset));
  const changes = useHubDataset((state) => state.changes);
  const isLoading = useHubDataset((state) => state.isLoading);
  const model = useSession((state) => state.model?.name ?? null);
  const isModelLoading = useSession((state) => state.modelLoading !== null);
  const waits = useWaitingModules();
  if (preset === null) return null;
  return (
    <section className="hub-data-part" aria-labelledby="preset-title" data-testid="preset-changes">
      <div className="panel-head">
        <h3 id="preset-title">Settings of the preset</h3>
        <p className="reading">
          <LinkButton onClick={leavePreset} disabled={isLoading} data-testid="preset-leave">
            Take all back
          </LinkButton>
        </p>
      </div>
      {changes.length === 0 ? (
        <p className="help">All settings are as the preset has them.</p>
      ) : (
        <table className="table preset-table">
          <tbody>
            {changes.map(({ key, name, from, to }) => (
              <tr key={key} data-testid={`preset-${name}`}>
                <th scope="row" className="mono">
                  {name}
                </th>
                <td className="was">{shown(from)}</td>
                <td className="now">{shown(to)}</td>
                <td className="num">
                  <LinkButton onClick={() => undoChanges(key)} aria-label={`Take back ${name}`}>
                    Take back
                  </LinkButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {model !== preset.model.id && (
        <div className="preset-model">
          <p className="help">
            Meant for {preset.model.id}, {preset.model.words}.
            {waits && ` ${model ?? 'The model'} has no ${waits}, so target_modules stays as it is until you choose that model.`}
          </p>
          <Button size="sm" disabled={isModelLoading} onClick={() => void takePresetModel(preset)} data-testid="preset-model">
            Choose that model
          </Button>
        </div>
      )}
    </section>
  );
}

/** Modules of the preset that the chosen model lacks, in words. */
function useWaitingModules(): string {
  const wanted = useHubDataset((state) => state.preset?.settings.targetModules);
  const names = useSession((state) => state.model?.moduleNames);
  return (wanted ?? []).filter((name) => names?.includes(name) === false).join(' and ');
}

function shown(value: string): string {
  return value === '' ? 'empty' : value.replaceAll('\n', '↵');
}
