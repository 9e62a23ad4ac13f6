import { Fragment, type ReactNode } from 'react';
import type { FoundModel, HubSearch } from '../../../workers/api/hub';
import { chooseModel } from '../../state/commands';
import { useHub, useMemoryEstimate, useMemoryLimit, useSession } from '../../state/hooks';
import { formatBytes, formatParameters } from '../../ui/format';
import { Icon, type IconName } from '../../ui/Icon';
import '../../ui/Table.css';
import { fitByEstimate, fitOf, type Fit } from './fitWords';
import { licenceWords } from './licenceWords';

interface FoundModelsProps {
  found: HubSearch;
  /** Another search is under way. */
  isOld: boolean;
  /** What stands under the row of a model. */
  gate: { id: string; notice: ReactNode } | null;
}

/** What a search found, with what each model takes and whether it can be trained here. */
export function FoundModels({ found, isOld, gate }: FoundModelsProps) {
  const allowed = useMemoryLimit().bytes;
  const limits = [found.limitBytes, allowed].filter((bytes) => bytes !== null);
  const limitBytes = limits.length === 0 ? null : Math.min(...limits);
  return (
    <div className="scroll-x">
      <table className="table found" aria-busy={isOld} data-testid="hub-found">
        <thead>
          <tr>
            <th className="c-radio">
              <span className="sr">Chosen</span>
            </th>
            <th>Model</th>
            <th className="num c-count">Parameters</th>
            <th className="num c-size">Download</th>
            <th className="c-licence">Licence</th>
            <th className="c-fit">This device</th>
          </tr>
        </thead>
        <tbody>
          {found.models.map((model) => (
            <Fragment key={model.id}>
              <FoundRow model={model} limitBytes={limitBytes} isOpen={gate?.id === model.id} />
              {gate?.id === model.id && (
                <tr>
                  <td colSpan={6} className="flush">
                    {gate.notice}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function FoundRow({ model, limitBytes, isOpen }: { model: FoundModel; limitBytes: number | null; isOpen: boolean }) {
  const { id, parameterCount, sizeBytes, licence } = model;
  const isChosen = useSession((state) => state.model?.source === 'hub' && state.model.name === id);
  const isLoading = useSession((state) => state.modelLoading !== null);
  const isAsked = useHub((state) => state.asking?.id === id);
  const estimate = useMemoryEstimate();
  const listed = fitOf(model, limitBytes);
  const fit = (isChosen && estimate && fitByEstimate(estimate)) || listed;
  const canBeChosen = listed.kind !== 'never';
  const controlId = `found-${id}`;
  const names = [canBeChosen ? '' : 'is-off', isOpen ? 'is-open' : ''].filter(Boolean).join(' ');
  return (
    <tr className={names} data-testid="hub-found-row">
      <td className="c-radio">
        {canBeChosen && (
          <input
            type="radio"
            id={controlId}
            className="dot"
            checked={isChosen}
            disabled={isLoading}
            onChange={() => void chooseModel({ kind: 'hub', id })}
          />
        )}
      </td>
      <th scope="row">
        {canBeChosen ? <label htmlFor={controlId}>{id}</label> : id}
        <span className="c-under">
          {[parameterCount && formatParameters(parameterCount), sizeBytes && formatBytes(sizeBytes)].filter(Boolean).join(', ')}
        </span>
      </th>
      <td className="num nowrap c-count">{parameterCount === null ? <None /> : formatParameters(parameterCount)}</td>
      <td className="num nowrap c-size">{sizeBytes === null ? <None /> : formatBytes(sizeBytes)}</td>
      <td className="c-licence">{licence === null ? <None /> : licenceWords(licence)}</td>
      <td className="c-fit">{isAsked ? <span className="quiet">being looked up</span> : <FitWords fit={fit} />}</td>
    </tr>
  );
}

const icons: Readonly<Record<Fit['kind'], IconName | null>> = {
  fits: 'tick',
  'too-large': 'cross',
  locked: 'lock',
  never: 'cross',
  unclear: null,
};

function FitWords({ fit }: { fit: Fit }) {
  const icon = icons[fit.kind];
  return (
    <span className="with-ic">
      {icon && <Icon name={icon} />}
      {fit.words}
    </span>
  );
}

function None() {
  return (
    <span className="quiet" title="The Hub’s list does not tell">
      –
    </span>
  );
}
