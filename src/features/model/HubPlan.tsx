import type { HubModelPlan, HubPlanFile } from '../../../workers/api/hub';
import { chooseModel } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { formatBytes, formatParameters, formatPercent, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import '../../ui/Table.css';

const mostRows = 12;

/** What a model takes: each file with its size before a byte of the weights is loaded, licence and commit. */
export function HubPlan({ plan }: { plan: HubModelPlan }) {
  const { files, otherFiles, totalBytes } = plan;
  const shown = files.length > mostRows ? files.slice(0, mostRows - 1) : files;
  const rest = files.slice(shown.length);
  return (
    <section className="part" aria-labelledby="hub-plan-title" data-testid="hub-plan">
      <div className="panel-head">
        <h3 id="hub-plan-title">{plan.id}</h3>
        <p className="reading">
          <b>{formatBytes(totalBytes)}</b>
          {plan.parameterCount !== null && `, ${formatParameters(plan.parameterCount)} parameters`}
        </p>
      </div>
      <PlanFacts plan={plan} />
      <div className="scroll-x">
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
      </div>
      <p className="help under-table">
        {otherFiles.count > 0 &&
          `${plural(otherFiles.count, 'other file')}, ${formatBytes(otherFiles.sizeBytes)}, ${otherFiles.count === 1 ? 'is' : 'are'} not needed and ${otherFiles.count === 1 ? 'stays' : 'stay'} on the Hub.`}
      </p>
      <GgufFiles plan={plan} />
    </section>
  );
}

function PlanFacts({ plan }: { plan: HubModelPlan }) {
  return (
    <p className="plan-facts">
      <span>
        Licence <b>{plan.licence ?? 'not stated'}</b>
      </span>
      <span>
        Revision <b>{plan.revision}</b>
        {plan.revision !== plan.commit && (
          <>
            , commit <span className="mono">{plan.commit.slice(0, 7)}</span>
          </>
        )}
      </span>
      {plan.isGated && <span>Its owners grant access</span>}
      {plan.isFromDevice && (
        <span data-testid="hub-from-device">The Hub does not answer; this is what is kept on this device</span>
      )}
    </p>
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
