import { datasetPresets } from '../../state/datasetPresets';
import { useHubDataset } from '../../state/hooks';
import { takePreset } from '../../state/hubDatasetCommands';

/** Datasets with what is known to work on them: one press fills in everything. */
export function HubDatasetPresets({ disabled }: { disabled: boolean }) {
  const chosen = useHubDataset((state) => state.preset);
  return (
    <>
      <div className="hub-presets" role="group" aria-label="Presets">
        {datasetPresets.map((preset) => (
          <button
            type="button"
            key={preset.id}
            className="hub-preset"
            aria-pressed={chosen?.id === preset.id}
            disabled={disabled}
            onClick={() => void takePreset(preset)}
            data-testid={`preset-${preset.title}`}
          >
            <b>{preset.title}</b>
            <span className="help">{preset.words}</span>
          </button>
        ))}
      </div>
      <p className="help hub-presets-words">
        A preset fills in dataset, columns, splits, task and settings. You see each change and can take it back.
      </p>
    </>
  );
}
