import { useEffect, useState } from 'react';
import type { DownloadProgress, KeptModel } from '../../../workers/api/hub';
import { chooseModel } from '../../state/commands';
import { deleteKept, downloadModel, refreshKept } from '../../state/hubCommands';
import { useHub, usePersistence, useSession } from '../../state/hooks';
import { Button } from '../../ui/Button';
import { DeleteButton } from '../../ui/DeleteButton';
import { formatBytes, formatPercent } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import '../../ui/Table.css';
import { sinceWords } from './sinceWords';

/** Models kept on this device, whole or in part, with their sizes; nothing where there is none. */
export function KeptModels({ locked }: { locked: boolean }) {
  const kept = useHub((state) => state.kept);
  const error = useHub((state) => state.keptError);
  const isPersistent = usePersistence();
  const [openedMs] = useState(() => Date.now());
  useEffect(() => void refreshKept(), []);
  if (!kept || (kept.models.length === 0 && !error)) return null;
  return (
    <section className="part" aria-labelledby="kept-title" data-testid="kept-models">
      <div className="panel-head">
        <h3 id="kept-title">Kept on this device</h3>
        <p className="reading">
          <b>{formatBytes(kept.keptBytes)}</b>
          {kept.storage && ` of ${formatBytes(kept.storage.quotaBytes)} that the browser grants`}
          {isPersistent !== null && (isPersistent ? ', kept until you delete it' : '; it may clear them when the disk is full')}
        </p>
      </div>
      {error && <ErrorNotice report={error} />}
      <div className="scroll-x">
        <table className="table kept-table">
          <thead>
            <tr>
              <th>Model</th>
              <th className="c-commit">Commit</th>
              <th className="num c-size">Size</th>
              <th className="state">State</th>
              <th className="c-when">Last used</th>
              <th>
                <span className="sr">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {kept.models.map((model) => (
              <KeptRow key={`${model.id} ${model.commit} ${model.file}`} model={model} openedMs={openedMs} locked={locked} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function KeptRow({ model, openedMs, locked }: { model: KeptModel; openedMs: number; locked: boolean }) {
  const { id, commit, file } = model;
  const download = useHub((state) => (state.download?.id === id && state.download.commit === commit ? state.download : null));
  const chosen = useSession((state) => state.model);
  const isLoading = useSession((state) => state.modelLoading !== null);
  const isChosen = chosen?.source === 'hub' && chosen.name === id && chosen.revision === commit;
  const isWhole = model.keptBytes === model.totalBytes;
  const use = async () => {
    // The commit, since the revision may stand for another one by now.
    await chooseModel({ kind: 'hub', id, revision: commit, ...(file !== null && { file }) });
    if (!isWhole) await downloadModel(model);
  };
  const size = formatBytes(download?.loadedBytes ?? model.keptBytes);
  const state = stateWords(model, download);
  return (
    <tr data-testid="kept-row">
      <th scope="row">
        {id}
        {file !== null && <span className="mono path">{file}</span>}
        <span className="c-under">
          {size}, {state}
        </span>
      </th>
      <td className="mono c-commit">{commit.slice(0, 7)}</td>
      <td className="num nowrap c-size">{size}</td>
      <td className="nowrap state">{state}</td>
      <td className="quiet nowrap c-when">{download ? 'now' : sinceWords(model.lastUsedMs, openedMs)}</td>
      <td>
        <span className="acts">
          {!download && !(isChosen && isWhole) && (
            <Button size="sm" disabled={locked || isLoading} onClick={() => void use()} data-testid="kept-use">
              {isWhole ? 'Use' : 'Resume'}
            </Button>
          )}
          <DeleteButton
            name={id}
            sizeBytes={model.keptBytes}
            disabled={locked || download !== null}
            onDelete={() => void deleteKept(model)}
            testId="kept"
          />
        </span>
      </td>
    </tr>
  );
}

function stateWords({ keptBytes, totalBytes }: KeptModel, download: DownloadProgress | null): string {
  const share = (bytes: number) => formatPercent(Math.floor((bytes / Math.max(1, totalBytes)) * 100) / 100, 0);
  if (download) return `downloading, ${share(download.loadedBytes)}`;
  if (keptBytes === totalBytes) return 'ready, also offline';
  return keptBytes < totalBytes / 100 ? 'weights not here' : `cut off at ${share(keptBytes)}`;
}
