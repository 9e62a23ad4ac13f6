import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { hyperparameters } from '../../../workers/api/hyperparameters';
import { layerChoiceOf, moduleMatcher, targetsOf, type ModuleShapes } from '../../../workers/api/modules';
import type { SettingName } from '../../../workers/api/settings';
import { useSession, useSettings } from '../../state/hooks';
import { setSetting, writeValue, type SettingsReading } from '../../state/settings';
import { formatCount, plural } from '../../ui/format';
import { Segments } from '../../ui/Segments';
import './AdaptedLayers.css';
import { LayerPicks } from './LayerPicks';
import { trainedOn } from './layerToggles';
import { SettingField } from './SettingField';

type Way = 'pick' | 'pattern' | 'all-linear';

/** Shown here, not among the other settings. */
export const layerSettings: readonly SettingName[] = ['targetModules', 'layersToTransform'];

const id = 'setting-target_modules';
const blocks = hyperparameters.filter(({ key }) => key === 'layersToTransform');

/** Which layers get an adapter: picked by name, by a pattern, or all of them; and in which blocks. */
export function AdaptedLayers({ reading }: { reading: SettingsReading }) {
  const typed = useSettings((state) => state.texts.targetModules);
  const modules = useSession((state) => state.model?.modules);
  const [chosen, setChosen] = useState<Way | null>(null);
  const { targetModules } = reading.settings;
  // Reset settings are what they are; else a list of names may stand in the field for patterns, too.
  const way = typed !== undefined && chosen === 'pattern' ? 'pattern' : wayOf(targetModules);
  const problem = reading.problems.find(({ key }) => key === 'targetModules')?.message ?? null;
  const choose = (next: Way) => {
    setChosen(next);
    if (next === 'all-linear') setSetting('targetModules', 'all-linear');
    else if (next === 'pattern') setSetting('targetModules', patternFor(targetModules, typed));
    else setSetting('targetModules', writeValue(reading.defaults.targetModules));
  };
  return (
    <div className="adapted">
      <div className="adapted-head">
        <h3>
          Adapted layers <span className="mono">target_modules</span>
        </h3>
        <div data-testid="target-ways">
          <Segments
            label="How to choose layers"
            value={way}
            options={[
              { value: 'pick', label: 'Pick' },
              { value: 'pattern', label: 'Pattern' },
              { value: 'all-linear', label: 'all-linear' },
            ]}
            onChange={choose}
          />
        </div>
      </div>
      {way === 'pattern' ? (
        <Pattern reading={reading} text={typed ?? writeValue(targetModules)} isInvalid={problem !== null} />
      ) : (
        <div id={id} tabIndex={-1} className="adapted-picks">
          {way === 'pick' && modules && <LayerPicks reading={reading} modules={modules} />}
        </div>
      )}
      <p className={problem ? 'help problem' : 'help'} id={`${id}-help`}>
        {problem ?? (modules ? <Sentence reading={reading} way={way} modules={modules} /> : 'Shown as soon as there is a model.')}
      </p>
      <div className="adapted-blocks">
        {blocks.map((entry) => (
          <SettingField key={entry.key} entry={entry} reading={reading} />
        ))}
      </div>
    </div>
  );
}

function wayOf(targetModules: readonly string[]): Way {
  const targets = targetsOf(targetModules);
  if (targets === 'all-linear') return 'all-linear';
  return typeof targets === 'string' ? 'pattern' : 'pick';
}

/** What is adapted now, as a pattern to go on from. */
function patternFor(targetModules: readonly string[], typed: string | undefined): string {
  const targets = targetsOf(targetModules);
  if (targets === 'all-linear') return '.*';
  if (typeof targets === 'string') return typed ?? targets;
  return String.raw`.*\.(${targets.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')})`;
}

function Pattern({ reading, text, isInvalid }: { reading: SettingsReading; text: string; isInvalid: boolean }) {
  return (
    <div className={reading.changed.includes('targetModules') ? 'is-changed' : undefined}>
      <TextInput
        id={id}
        data-testid={id}
        aria-label="Pattern of the layers’ paths, or their names"
        aria-describedby={`${id}-help`}
        aria-invalid={isInvalid}
        value={text}
        onChange={(event) => setSetting('targetModules', event.currentTarget.value)}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        classNames={{ input: 'input mono' }}
      />
    </div>
  );
}

/** What the choice comes to. */
function Sentence({ reading, way, modules }: { reading: SettingsReading; way: Way; modules: ModuleShapes }) {
  const { r, targetModules, layersToTransform } = reading.settings;
  const defaults = reading.defaults.targetModules.join(' and ');
  if (way === 'pick') {
    const where = layersToTransform.length > 0 ? ' in the chosen blocks' : '';
    return `Parameters that an adapter of rank ${Number.isFinite(r) ? r : '?'} trains there${where}. PEFT’s own default for this model is ${defaults}.`;
  }
  const layers = layerChoiceOf(layersToTransform);
  const matched = [...modules.keys()].filter(moduleMatcher(targetsOf(targetModules), layers));
  const trained = trainedOn(matched, modules, reading.settings, null);
  const figures = Number.isFinite(trained) ? `, ${formatCount(trained)} parameters` : '';
  if (way === 'all-linear') return `Every linear layer but the head: ${plural(matched.length, 'layer')}${figures}.`;
  return `Matches ${formatCount(matched.length)} of ${plural(modules.size, 'layer')}${figures}. A regular expression for whole paths, such as ${matched[0] ?? ''}; or names, parted by commas.`;
}
