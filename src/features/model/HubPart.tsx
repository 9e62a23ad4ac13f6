import { useState, type ReactNode } from 'react';
import type { ErrorReport } from '../../../workers/api/errors';
import type { HubModelPlan } from '../../../workers/api/hub';
import { useHub, useHubSearch, useSession } from '../../state/hooks';
import { plural } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { HubDownload } from './HubDownload';
import { asksForToken, gatedId, HubGate, type TokenDraft } from './HubGate';
import './HubPart.css';
import { HubPlan } from './HubPlan';
import { HubSearch } from './HubSearch';
import { KeptModels } from './KeptModels';

interface HubPartProps {
  error: ErrorReport | null;
  /** A run is under way: what is kept can be seen, and no other model be chosen. */
  locked: boolean;
  /** How far the reading of a model is. */
  children: ReactNode;
}

/** A model of the Hugging Face Hub: found, what it takes, its way to this device, and what is kept here already. */
export function HubPart({ error, locked, children }: HubPartProps) {
  const plan = useHub((state) => state.plan);
  const model = useSession((state) => state.model);
  const found = useHubSearch((state) => state.found);
  const [draft, setDraft] = useState<TokenDraft>({ id: '', isOpen: false, text: '', problem: null });
  const gate =
    error && asksForToken(error) ? (
      <HubGate report={error} chosen={model?.name ?? null} draft={draft} onDraft={setDraft} />
    ) : null;
  const gatedRow = found?.models.find(({ id }) => error && gatedId(error) === id);
  return (
    <>
      <HubDownload />
      <HubSearch gate={gate && gatedRow ? { id: gatedRow.id, notice: gate } : null} />
      {children}
      {gate && !gatedRow && <div className="model-below">{gate}</div>}
      {error && !gate && (
        <div className="model-below">
          {plan && lacksChoice(error, plan) ? <ChooseGguf report={error} plan={plan} /> : <ErrorNotice report={error} />}
          {model && <p className="help kept">{model.name} stays chosen.</p>}
        </div>
      )}
      {plan && <HubPlan plan={plan} />}
      <KeptModels locked={locked} />
    </>
  );
}

/** Several GGUF files hold the same model, so one must be named. */
function lacksChoice({ code }: ErrorReport, { file, files, ggufFiles }: HubModelPlan): boolean {
  const hasWeights = files.some(({ path }) => /\.(safetensors|gguf)$/.test(path));
  return code.startsWith('model/') && file === null && !hasWeights && ggufFiles.length > 0;
}

function ChooseGguf({ report, plan }: { report: ErrorReport; plan: HubModelPlan }) {
  return (
    <div data-testid="error" data-code={report.code}>
      <Notice kind="info" title={`${plan.id} comes as ${plural(plan.ggufFiles.length, 'GGUF file')}`}>
        Choose one of them below. The smaller a file, the less exact its numbers.
      </Notice>
    </div>
  );
}
