import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PushContent, PushPlan, PushProgress } from '../../../workers/api/push';
import type { RunResult } from '../../../workers/api/results';
import { giveToken } from '../../state/hubCommands';
import { useHub, usePush } from '../../state/hooks';
import { askAccount, forgetPlan, planPush, push, stopPush, type PushWish } from '../../state/push';
import { Button, LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { formatBytes, formatCount } from '../../ui/format';
import { Meter } from '../../ui/Meter';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { Segments } from '../../ui/Segments';
import { Switch } from '../../ui/Switch';
import { TokenForm } from '../../ui/TokenForm';
import { Way } from './Way';
import styles from './adapter.module.css';

/** Adapter or merged model, as GGUF too, into a repository of the user's on the Hugging Face Hub. */
export function PushToHub({ result }: { result: RunResult }) {
  const account = usePush((state) => state.account);
  const error = usePush((state) => state.error);
  return (
    <Way
      title="Push to the Hub"
      testId="push"
      words="Weights, settings, figures, class names and model card into a repository of yours on huggingface.co. Your texts stay here."
    >
      {account === null ? <PushToken /> : <PushForm result={result} />}
      {error && <ErrorNotice report={error} />}
    </Way>
  );
}

function PushToken() {
  const hasToken = useHub((state) => state.hasToken);
  const isAsking = usePush((state) => state.isAsking);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const give = async (token: string | null) => {
    const report = await giveToken(token);
    setProblem(report && `${report.message} ${report.remedy}`);
    if (report) return;
    setText('');
    if (token !== null) await askAccount();
  };
  return (
    <div className={styles.pushPart}>
      {hasToken && (
        <Button size="sm" disabled={isAsking} onClick={() => void askAccount()} data-testid="push-same-token">
          Use the token given before
        </Button>
      )}
      <TokenForm
        id="push-token"
        name="write token"
        hasToken={hasToken}
        text={text}
        problem={problem}
        help="From huggingface.co/settings/tokens, with permission to write. It stays in this tab’s memory, goes to huggingface.co alone, and is gone when you close the tab."
        isBusy={isAsking}
        onText={setText}
        onGive={(token) => void give(token)}
      />
    </div>
  );
}

/** What can be pushed, each in one or two types. */
const contents: Record<PushContent['what'], { label: string; types: { label: string; content: PushContent }[] }> = {
  adapter: { label: 'Adapter', types: [{ label: 'float32', content: { what: 'adapter' } }] },
  merged: {
    label: 'Merged model',
    types: [
      { label: 'float16', content: { what: 'merged', type: 'float16' } },
      { label: 'float32', content: { what: 'merged', type: 'float32' } },
    ],
  },
  gguf: {
    label: 'Merged GGUF',
    types: [
      { label: 'F16', content: { what: 'gguf', type: 'gguf-f16' } },
      { label: 'Q8_0', content: { what: 'gguf', type: 'gguf-q8_0' } },
    ],
  },
};
const repositoryId = 'push-repository';

function PushForm({ result }: { result: RunResult }) {
  const { account, plan, isAsking, isPushing, pushed, progress } = usePush((state) => state);
  const [content, setContent] = useState<PushContent>({ what: 'adapter' });
  const [repository, setRepository] = useState(() => repositoryName(result.name));
  const [isPrivate, setPrivate] = useState(true);
  const wish: PushWish = { content, repository, isPrivate };
  const change = (set: () => void) => {
    set();
    forgetPlan();
  };
  if (account === null) return null;
  return (
    <div className={styles.pushPart}>
      <p className="help">
        As <b>{account.name}</b>.{' '}
        <LinkButton disabled={isPushing} onClick={() => void giveToken(null)} data-testid="push-token-forget">
          Forget the token
        </LinkButton>
      </p>
      <Contents result={result} content={content} onChange={(chosen) => change(() => setContent(chosen))} />
      <Field htmlFor={repositoryId} label="Repository" help={placeWords(account.name, account.organisations)}>
        <TextInput
          id={repositoryId}
          data-testid={repositoryId}
          value={repository}
          disabled={isPushing}
          onChange={(event) => change(() => setRepository(event.currentTarget.value))}
          spellCheck={false}
          aria-describedby={helpId(repositoryId)}
          classNames={{ input: 'input' }}
        />
      </Field>
      <label className={styles.pushPrivate}>
        <Switch
          data-testid="push-private"
          checked={isPrivate}
          disabled={isPushing || plan?.exists === true}
          onChange={(event) => change(() => setPrivate(event.currentTarget.checked))}
        />
        Private: only you and those you invite see it
      </label>
      {plan === null && !isPushing && pushed === null && (
        <Button
          size="sm"
          disabled={isAsking || repository.trim() === ''}
          onClick={() => void planPush(wish)}
          data-testid="push-plan"
        >
          {isAsking ? 'Asking the Hub' : 'See what would be uploaded'}
        </Button>
      )}
      {plan && !isPushing && <Planned plan={plan} wish={wish} />}
      {isPushing && <Pushing progress={progress} />}
      {pushed && (
        <Notice
          title={`${pushed.id} is on the Hub`}
          actions={
            <a className="btn sm" href={pushed.url} target="_blank" rel="noreferrer" data-testid="push-link">
              Open its page
            </a>
          }
        >
          {`Commit ${pushed.commit.slice(0, 7)}.`}
        </Notice>
      )}
    </div>
  );
}

interface ContentsProps {
  result: RunResult;
  content: PushContent;
  onChange: (content: PushContent) => void;
}

function Contents({ result, content, onChange }: ContentsProps) {
  // llama.cpp has no place for a classification head.
  const offered: PushContent['what'][] = result.task === 'head' ? ['adapter', 'merged'] : ['adapter', 'merged', 'gguf'];
  const { types } = contents[content.what];
  const choose = (chosen: { content: PushContent } | undefined) => chosen && onChange(chosen.content);
  return (
    <div className={styles.pushContents}>
      <Segments
        label="What is pushed"
        value={content.what}
        options={offered.map((what) => ({ value: what, label: contents[what].label }))}
        onChange={(what) => choose(contents[what].types[0])}
      />
      {'type' in content && (
        <Segments
          label="Type of its numbers"
          value={types.find((each) => 'type' in each.content && each.content.type === content.type)?.label ?? ''}
          options={types.map(({ label }) => ({ value: label, label }))}
          onChange={(label) => choose(types.find((each) => each.label === label))}
        />
      )}
    </div>
  );
}

function Planned({ plan, wish }: { plan: PushPlan; wish: PushWish }) {
  const totalBytes = plan.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <div className={styles.pushPart} data-testid="push-files">
      <table className={styles.pushFiles}>
        <caption>{`${formatCount(plan.files.length)} files, ${formatBytes(totalBytes)}, to ${plan.id}`}</caption>
        <tbody>
          {plan.files.map(({ name, sizeBytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatBytes(sizeBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.exists && (
        <p className="help">
          {plan.id} is there already: files of these names are replaced by a new commit, the others and who may see it stay.
        </p>
      )}
      <Button size="sm" kind="go" onClick={() => void push(wish)} data-testid="push-start">
        {plan.exists ? 'Push a new commit' : `Make a ${wish.isPrivate ? 'private' : 'public'} repository and push`}
      </Button>
    </div>
  );
}

const phaseWords = {
  packing: 'Writing the files on this device',
  checking: 'Making checksums',
  uploading: 'Uploading',
  committing: 'Making the commit',
} as const;

function Pushing({ progress }: { progress: PushProgress | null }) {
  const share = progress && progress.phase !== 'committing' ? progress.doneBytes / progress.totalBytes : null;
  return (
    <div className={styles.pushPart} data-testid="pushing">
      <Meter label="Push to the Hub" share={share} />
      <p className="help">
        {progress === null
          ? 'Asking the Hub'
          : `${phaseWords[progress.phase]}: ${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`}
      </p>
      <Button size="sm" onClick={() => void stopPush()} data-testid="push-stop">
        Stop
      </Button>
    </div>
  );
}

/** A name that the Hub takes. */
function repositoryName(runName: string): string {
  const plain = runName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return (plain || 'tunelet').slice(0, 60);
}

function placeWords(name: string, organisations: readonly string[]): string {
  const [first] = organisations;
  return first === undefined ? `It becomes ${name}/…` : `It becomes ${name}/… unless you name another owner, such as ${first}`;
}
