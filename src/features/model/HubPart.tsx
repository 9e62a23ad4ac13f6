import type { ErrorReport } from '../../../workers/api/errors';
import { useHub, useSession } from '../../state/hooks';
import { ErrorNotice } from '../../ui/Notice';
import { HubDownload } from './HubDownload';
import { HubForm } from './HubForm';
import { asksForToken, HubGate } from './HubGate';
import { HubPlan } from './HubPlan';
import './HubPart.css';
import { KeptModels } from './KeptModels';

interface HubPartProps {
  error: ErrorReport | null;
  /** A run is under way: what is kept can be seen, and no other model be chosen. */
  locked: boolean;
}

/** A model of the Hugging Face Hub: what it takes, its way to this device, and what is kept here already. */
export function HubPart({ error, locked }: HubPartProps) {
  const plan = useHub((state) => state.plan);
  const model = useSession((state) => state.model);
  return (
    <>
      <HubDownload />
      <HubForm key={model?.source === 'hub' ? model.name : ''} />
      {error && (
        <div className="model-below">
          {asksForToken(error) ? <HubGate report={error} /> : <ErrorNotice report={error} />}
          {model && <p className="help kept">{model.name} stays chosen.</p>}
        </div>
      )}
      {plan && <HubPlan plan={plan} />}
      <KeptModels locked={locked} />
    </>
  );
}
