import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { HubModelPlan, HubPlanFile } from '../../../workers/api/hub';
import { chooseModel } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { Button, LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { formatBytes, formatParameters, formatPercent, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import '../../ui/Table.css';
import { licenceWords } from './licenceWords';
import { WeightsInMemory } from './WeightsInMemory';

const mostRows = 12;
const architectureNames = { gpt2: 'GPT-2', llama: 'Llama', mistral: 'Mistral', qwen2: 'Qwen2' } as const;

/** What a model takes: each file with its size before a byte of the weights is loaded, licence and commit; and its memory. */
export function HubPlan({ plan }: { plan: HubModelPlan }) {
  const chosen = useSession((state) => state.model);
  const isChosen = chosen?.source === 'hub' && chosen.name === plan.id && chosen.revision === plan.commit;
  return (
    <section className="part" aria-labelledby="hub-plan-title" data-testid="hub-plan">
      <div className="panel-head">
        <h3 id="hub-plan-title">{plan.id}</h3>
        <p className="reading">
          {isChosen &&
            `${architectureNames[chosen.architecture]} architecture, ${chosen.hasChatFormat ? 'chat format included' : 'no chat format'}, `}
          <b>{formatBytes(plan.totalBytes)}</b>
          {!isChosen && plan.parameterCount !== null && `, ${formatParameters(plan.parameterCount)} parameters`}
        </p>
      </div>
      {plan.isFromDevice && (
        <p className="help from-device" data-testid="hub-from-device">
          The Hub does not answer; this is what is kept on this device.
        </p>
      )}
      <div className="halves">
        <div>
          <PlanFacts plan={plan} />
          <Files plan={plan} />
          <GgufFiles plan={plan} />
        </div>
        {isChosen ? (
          <WeightsInMemory />
        ) : (
          plan.ggufFiles.length > 0 && (
            <p className="help">What it takes in memory is computed once one of its files is chosen.</p>
          )
        )}
      </div>
    </section>
  );
}

function Files({ plan: { files, otherFiles } }: { plan: HubModelPlan }) {
  const shown = files.length > mostRows ? files.slice(0, mostRows - 1) : files;
  const rest = files.slice(shown.length);
  const isOne = otherFiles.count === 1;
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th>File</th>
            <th className="num">Size</th>
            <th className="state">State</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((file) => (
            <FileRow key={file.path} file={file} />
          ))}
          {rest.length > 0 && <FileRow file={together(rest)} />}
        </tbody>
      </table>
      {otherFiles.count > 0 && (
        <p className="help under-table">
          {`${plural(otherFiles.count, 'other file')}, ${formatBytes(otherFiles.sizeBytes)}, ${isOne ? 'is' : 'are'} not needed and ${isOne ? 'stays' : 'stay'} on the Hub.`}
        </p>
      )}
    </>
  );
}

function PlanFacts({ plan }: { plan: HubModelPlan }) {
  return (
    <div className="plan-facts">
      <Revision key={`${plan.id} ${plan.revision}`} plan={plan} />
      <div className="field">
        <p className="plan-label">Licence</p>
        <p className="plan-value">{licenceWords(plan.licence)}</p>
        <p className="help">{plan.isGated ? 'Its owners grant access on its page.' : 'As its page on the Hub states.'}</p>
      </div>
    </div>
  );
}

/** Another revision is read when it is entered. */
function Revision({ plan }: { plan: HubModelPlan }) {
  const [revision, setRevision] = useState(plan.revision);
  const isLoading = useSession((state) => state.modelLoading !== null);
  const name = revision.trim();
  const read = (event: FormEvent) => {
    event.preventDefault();
    if (name === '' || name === plan.revision || isLoading) return;
    void chooseModel({ kind: 'hub', id: plan.id, revision: name, ...(plan.file !== null && { file: plan.file }) });
  };
  const isChanged = name !== '' && name !== plan.revision;
  return (
    <form onSubmit={read}>
      <Field
        htmlFor="hub-revision"
        label="Revision"
        name="revision"
        help={
          isChanged ? (
            <LinkButton type="submit" disabled={isLoading} data-testid="hub-revision-read">
              Read this revision
            </LinkButton>
          ) : plan.revision === plan.commit ? (
            'Branch, tag or commit.'
          ) : (
            <>
              Commit <span className="mono">{plan.commit.slice(0, 7)}</span>
            </>
          )
        }
      >
        <TextInput
          id="hub-revision"
          data-testid="hub-revision"
          value={revision}
          onChange={(event) => setRevision(event.currentTarget.value)}
          aria-describedby={helpId('hub-revision')}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          classNames={{ input: 'input' }}
        />
      </Field>
    </form>
  );
}

function FileRow({ file }: { file: HubPlanFile }) {
  const { path, sizeBytes, keptBytes } = file;
  return (
    <tr data-testid="hub-file">
      <td className="mono path">{path}</td>
      <td className="num nowrap">{formatBytes(sizeBytes)}</td>
      <td className="nowrap state">
        {keptBytes === sizeBytes ? (
          <span className="with-ic">
            <Icon name="tick" />
            checked
          </span>
        ) : keptBytes > 0 ? (
          `${formatPercent(Math.floor((keptBytes / sizeBytes) * 100) / 100, 0)} here`
        ) : (
          <span className="quiet">on the Hub</span>
        )}
      </td>
    </tr>
  );
}

function together(files: readonly HubPlanFile[]): HubPlanFile {
  const sum = (part: (file: HubPlanFile) => number) => files.reduce((total, file) => total + part(file), 0);
  return {
    path: `and ${files.length} more of them`,
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
    keptBytes: sum(({ keptBytes }) => keptBytes),
  };
}

/** A repository may hold the same model in several sizes. */
function GgufFiles({ plan }: { plan: HubModelPlan }) {
  const isLoading = useSession((state) => state.modelLoading !== null);
  if (plan.ggufFiles.length === 0) return null;
  const choose = (file: string) => void chooseModel({ kind: 'hub', id: plan.id, revision: plan.revision, file });
  return (
    <div className="gguf">
      <p className="label">{plan.file === null ? 'Or one of its GGUF files' : 'Its GGUF files'}</p>
      <ul>
        {plan.ggufFiles.map(({ path, sizeBytes }) => (
          <li key={path}>
            <span className="mono path">{path}</span>
            <span className="nowrap">{formatBytes(sizeBytes)}</span>
            {path === plan.file ? (
              <span className="with-ic">
                <Icon name="tick" />
                chosen
              </span>
            ) : (
              <Button size="sm" disabled={isLoading} onClick={() => choose(path)} aria-label={`Use ${path}`}>
                Use
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
