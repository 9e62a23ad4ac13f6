import { useState } from 'react';
import type { ErrorReport } from '../../../workers/api/errors';
import { useHub, useHubDataset } from '../../state/hooks';
import { giveToken } from '../../state/hubCommands';
import { lookUpDataset } from '../../state/hubDatasetCommands';
import { Icon } from '../../ui/Icon';
import { splitMessage } from '../../ui/splitMessage';
import { TokenForm } from '../../ui/TokenForm';

/** Whether a token would help. */
export function asksForAccess(report: ErrorReport): boolean {
  return report.details['access'] !== undefined;
}

/** A dataset that its owners, or its privacy, keep behind a permission; `data-testid="error"` lets scripts read it. */
export function HubDatasetGate({ report }: { report: ErrorReport }) {
  const id = String(report.details['id'] ?? '');
  const isGated = report.details['access'] === 'needs-token' || report.details['access'] === 'not-granted';
  const { happened, values } = splitMessage(report.message);
  return (
    <div className="notice gate" role="alert" data-testid="error" data-code={report.code}>
      <Icon name="lock" />
      <div className="body">
        <b>{isGated ? `${id.slice(id.indexOf('/') + 1)} asks for access first` : happened}</b>
        <p>{`${isGated ? 'Its owners grant it on the dataset’s page.' : values} ${report.remedy}`}</p>
      </div>
      {isGated && (
        <div className="acts">
          <a className="btn sm" href={`https://huggingface.co/datasets/${id}`} target="_blank" rel="noreferrer">
            <Icon name="leave" />
            Open its page
          </a>
        </div>
      )}
      <DatasetToken />
    </div>
  );
}

function DatasetToken() {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const hasToken = useHub((state) => state.hasToken);
  const id = useHubDataset((state) => state.id);
  const isLookingUp = useHubDataset((state) => state.isLookingUp);
  const give = async (token: string | null) => {
    const report = await giveToken(token);
    setProblem(report && `${report.message} ${report.remedy}`);
    if (report) return;
    setText('');
    if (token !== null) await lookUpDataset(id);
  };
  return (
    <TokenForm
      id="dataset-token"
      hasToken={hasToken}
      text={text}
      problem={problem}
      help="It stays in this tab’s memory, goes to the Hub alone, and is gone when you close the tab."
      isBusy={isLookingUp}
      onText={setText}
      onGive={(token) => void give(token)}
    />
  );
}
