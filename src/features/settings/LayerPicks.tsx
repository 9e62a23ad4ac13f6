import { layerChoiceOf, type ModuleShapes } from '../../../workers/api/modules';
import { useSession } from '../../state/hooks';
import { setSetting, writeValue, type SettingsReading } from '../../state/settings';
import { formatCount } from '../../ui/format';
import { isAdapted, layerToggles, pressed, trainedOn, type LayerToggle } from './layerToggles';

const titles: Record<LayerToggle['group'], string> = { attention: 'Attention', mlp: 'MLP', other: 'Other layers' };

/** A block's linear layers as toggles, each with what an adapter on it trains. */
export function LayerPicks({ reading, modules }: { reading: SettingsReading; modules: ModuleShapes }) {
  const blocks = useSession((state) => state.model?.layers ?? 0);
  const toggles = layerToggles(modules);
  const groups = (['attention', 'mlp', 'other'] as const)
    .map((group) => ({ group, own: toggles.filter((toggle) => toggle.group === group) }))
    .filter(({ own }) => own.length > 0);
  return (
    <div className="layers">
      {groups.map(({ group, own }, index) => (
        <div key={group} role="group" aria-label={titles[group]} style={{ flexGrow: own.length }}>
          <p className="label">
            {titles[group]}
            {index === 0 && `, in each of ${formatCount(blocks)} blocks`}
          </p>
          <div className="layer-row">
            {own.map((toggle) => (
              <Layer key={toggle.key} toggle={toggle} toggles={toggles} reading={reading} modules={modules} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

interface LayerProps {
  toggle: LayerToggle;
  toggles: readonly LayerToggle[];
  reading: SettingsReading;
  modules: ModuleShapes;
}

function Layer({ toggle, toggles, reading, modules }: LayerProps) {
  const { targetModules, layersToTransform } = reading.settings;
  const trained = trainedOn(toggle.paths, modules, reading.settings, layerChoiceOf(layersToTransform));
  return (
    <button
      type="button"
      className="layer"
      data-testid={`layer-${toggle.key}`}
      aria-pressed={isAdapted(toggle, targetModules)}
      onClick={() => setSetting('targetModules', writeValue(pressed(toggles, targetModules, toggle.key)))}
    >
      <span className="mono">{toggle.name}</span>
      <small>{Number.isFinite(trained) ? formatCount(trained) : 'not known'}</small>
    </button>
  );
}
