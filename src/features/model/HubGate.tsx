import type { Dispatch, SetStateAction } from 'react';
import type { ErrorReport } from '../../../workers/api/errors';
import { chooseModel } from '../../state/commands';
import { giveToken } from '../../state/hubCommands';
import { useHub, useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { splitMessage } from '../../ui/splitMessage';
import { TokenForm } from '../../ui/TokenForm';

/** Whether a token would help. */
export function asksForToken(report: ErrorReport): boolean {
  return report.details['access'] !== undefined;
}

interface HubGateProps {
  report: ErrorReport;
  /** The model that stays chosen meanwhile. */
  chosen: string | null;
  draft: TokenDraft;
  onDraft: Dispatch<SetStateAction<TokenDraft>>;
}

/** A token that is being written. Kept where the notice moving to its row, found a moment later, loses none of it. */
export interface TokenDraft {
  /** Of the model that it is for. */
  id: string;
  isOpen: boolean;
  text: string;
  /** What is wrong with the one that was given. */
  problem: string | null;
}

/** A model that its owners, or its privacy, keep behind a permission; `data-testid="error"` lets scripts read it. */
export function HubGate({ report, chosen, draft, onDraft }: HubGateProps) {
  const refused = useHub((state) => state.refused);
  const hasToken = useHub((state) => state.hasToken);
  const id = gatedId(report) ?? refused?.id ?? '';
  // Whoever gave one that does not open this model may give another at once.
  const ownOf = (held: TokenDraft) => (held.id === id ? held : { id, isOpen: hasToken, text: '', problem: null });
  const change = (part: Partial<TokenDraft>) => onDraft((held) => ({ ...ownOf(held), ...part }));
  const own = ownOf(draft);
  const isGated = report.details['access'] === 'needs-token' || report.details['access'] === 'not-granted';
  const { happened, values } = splitMessage(report.message);
  const name = id.slice(id.indexOf('/') + 1);
  const way = hasToken ? report.remedy : 'Then paste a read token: it stays in this tab’s memory and is gone when you close it.';
  return (
    <div className="notice gate" role="alert" data-testid="error" data-code={report.code}>
      <Icon name="lock" />
      <div className="body">
        <b>{isGated ? `${name} asks for access first` : happened}</b>
        <p>
          {isGated ? `Its owners grant it on the model’s page. ${way}` : `${values} ${report.remedy}`}
          {chosen !== null && ` Until then ${chosen} stays chosen.`}
        </p>
      </div>
      <div className="acts">
        {isGated && (
          <a className="btn sm" href={`https://huggingface.co/${id}`} target="_blank" rel="noreferrer">
            <Icon name="leave" />
            Open its page
          </a>
        )}
        {!own.isOpen && (
          <Button size="sm" onClick={() => change({ isOpen: true })} data-testid="hub-token-open">
            {hasToken ? 'Paste another token' : 'Paste a token'}
          </Button>
        )}
      </div>
      {own.isOpen && <ModelToken hasToken={hasToken} draft={own} onChange={change} />}
    </div>
  );
}

/** The model that a refusal is about. */
export function gatedId(report: ErrorReport): string | null {
  const id = report.details['id'];
  return typeof id === 'string' ? id : null;
}

interface ModelTokenProps {
  hasToken: boolean;
  draft: TokenDraft;
  onChange: (part: Partial<TokenDraft>) => void;
}

function ModelToken({ hasToken, draft: { text, problem }, onChange }: ModelTokenProps) {
  const isLoading = useSession((state) => state.modelLoading !== null);
  const refused = useHub((state) => state.refused);
  const give = async (token: string | null) => {
    const report = await giveToken(token);
    onChange(report ? { problem: `${report.message} ${report.remedy}` } : { problem: null, text: '' });
    if (report) return;
    if (token !== null && refused) await chooseModel({ ...refused, kind: 'hub' });
  };
  return (
    <TokenForm
      id="hub-token"
      hasToken={hasToken}
      text={text}
      problem={problem}
      help="It stays in this tab’s memory, goes to huggingface.co alone, and is gone when you close the tab."
      isBusy={isLoading}
      autoFocus={!hasToken}
      onText={(changed) => onChange({ text: changed })}
      onGive={(token) => void give(token)}
    />
  );
}
