import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { ErrorReport } from '../../../workers/api/errors';
import { chooseModel } from '../../state/commands';
import { giveToken } from '../../state/hubCommands';
import { useHub, useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { splitMessage } from '../../ui/splitMessage';

/** Whether a token would help. */
export function asksForToken(report: ErrorReport): boolean {
  return report.details['access'] !== undefined;
}

/** A model that its owners, or its privacy, keep behind a permission; `data-testid="error"` lets scripts read it. */
export function HubGate({ report }: { report: ErrorReport }) {
  const asked = useHub((state) => state.asked);
  const hasToken = useHub((state) => state.hasToken);
  const id = String(report.details['id'] ?? asked?.id ?? '');
  const isGated = report.details['access'] === 'needs-token' || report.details['access'] === 'not-granted';
  const { happened, values } = splitMessage(report.message);
  const name = id.slice(id.indexOf('/') + 1);
  return (
    <div className="notice gate" role="alert" data-testid="error" data-code={report.code}>
      <Icon name="lock" />
      <div className="body">
        <b>{isGated ? `${name} asks for access first` : happened}</b>
        <p>
          {isGated ? `Its owners grant it on the model’s page. ${hasToken ? report.remedy : ''}` : `${values} ${report.remedy}`}
        </p>
      </div>
      {isGated && (
        <div className="acts">
          <a className="btn sm" href={`https://huggingface.co/${id}`} target="_blank" rel="noreferrer">
            <Icon name="leave" />
            Open its page
          </a>
        </div>
      )}
      <TokenForm hasToken={hasToken} />
    </div>
  );
}

function TokenForm({ hasToken }: { hasToken: boolean }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const isLoading = useSession((state) => state.modelLoading !== null);
  const asked = useHub((state) => state.asked);
  const give = async (token: string | null) => {
    const report = await giveToken(token);
    setProblem(report && `${report.message} ${report.remedy}`);
    if (report) return;
    setText('');
    if (token !== null && asked) await chooseModel({ ...asked, kind: 'hub' });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') void give(text);
  };
  return (
    <form className="gate-form" onSubmit={submit} autoComplete="off">
      <Field
        htmlFor="hub-token"
        label={hasToken ? 'Another read token' : 'Read token'}
        help="It stays in this tab’s memory, goes to huggingface.co alone, and is gone when you close the tab."
        problem={problem}
      >
        <TextInput
          type="password"
          id="hub-token"
          data-testid="hub-token"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder="hf_…"
          autoComplete="off"
          spellCheck={false}
          aria-describedby={helpId('hub-token')}
          classNames={{ input: 'input' }}
        />
      </Field>
      <div className="row">
        <Button size="sm" type="submit" disabled={text.trim() === '' || isLoading} data-testid="hub-token-use">
          Use the token
        </Button>
        {hasToken && (
          <Button size="sm" kind="text" onClick={() => void give(null)} data-testid="hub-token-forget">
            Forget the token
          </Button>
        )}
      </div>
    </form>
  );
}
