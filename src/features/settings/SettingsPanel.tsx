import { useState } from 'react';
import { hyperparameters } from '../../../workers/api/hyperparameters';
import { taskParameters } from '../../../workers/api/taskParameters';
import { usePlace, useReading, useSettings } from '../../state/hooks';
import { resetSettings, writeValue, type SettingsReading } from '../../state/settings';
import { LinkButton } from '../../ui/Button';
import { Panel } from '../../ui/Panel';
import { AdaptedLayers, layerSettings } from './AdaptedLayers';
import { SettingField } from './SettingField';
import './SettingsPanel.css';

const primary = hyperparameters.filter((entry) => entry.primary);
/** The task's stand in their own panel. */
const others = hyperparameters.filter(
  (entry) => !entry.primary && !taskParameters.includes(entry) && !layerSettings.includes(entry.key),
);

/** Eight settings; the others' values stand below them and open on demand. */
export function SettingsPanel() {
  const reading = useReading();
  const { part } = usePlace();
  const [isOpen, setIsOpen] = useState(() => others.some((entry) => hasProblem(reading, entry.key)));
  // Opened while rendering, so that the field is there when Prepare looks for it.
  if (!isOpen && others.some((entry) => part === `setting-${entry.name}`)) setIsOpen(true);
  return (
    <Panel title="Settings" id="settings" reading={<ChangesReading count={reading.changed.length} />}>
      <AdaptedLayers reading={reading} />
      <div className="fields">
        {primary.map((entry) => (
          <SettingField key={entry.key} entry={entry} reading={reading} />
        ))}
      </div>
      <p className="help reason">
        {reading.reason} Dropout acts on the adapter alone: the base model’s own dropouts are off while it trains.
      </p>
      <div className="more">
        <LinkButton className="nowrap" aria-expanded={isOpen} data-testid="more-settings" onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Fewer settings' : 'More settings'}
        </LinkButton>
        {!isOpen && <OtherValues reading={reading} />}
      </div>
      {isOpen && (
        <div className="fields others">
          {others.map((entry) => (
            <SettingField key={entry.key} entry={entry} reading={reading} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function ChangesReading({ count }: { count: number }) {
  const hasTexts = useSettings((state) => Object.keys(state.texts).length > 0);
  if (count === 0 && !hasTexts) return <>all as the defaults</>;
  return (
    <>
      <b>{count}</b> changed from the defaults.{' '}
      <LinkButton data-testid="reset-settings" onClick={resetSettings}>
        Reset
      </LinkButton>
    </>
  );
}

function OtherValues({ reading }: { reading: SettingsReading }) {
  return (
    <p className="mono values">
      {others.map((entry) => (
        <span key={entry.key} className={hasProblem(reading, entry.key) ? 'problem' : undefined}>
          {entry.name} <b>{writeValue(reading.settings[entry.key])}</b>
        </span>
      ))}
    </p>
  );
}

function hasProblem(reading: SettingsReading, key: (typeof others)[number]['key']): boolean {
  return reading.problems.some((problem) => problem.key === key);
}
