import { useEffect, useState } from 'react';
import { DatasetSection } from '../../features/dataset/DatasetSection';
import { ClusterOfPlan } from '../../features/adapter/ClusterFolder';
import { ImportAdapter } from '../../features/adapter/ImportAdapter';
import { LabelFile } from '../../features/labelling/LabelFile';
import { UnfinishedLabelling } from '../../features/labelling/UnfinishedLabelling';
import { ModelPanel, ModelFileInput } from '../../features/model/ModelPanel';
import { ResumeCard } from '../../features/run/ResumeCard';
import { SettingsPanel } from '../../features/settings/SettingsPanel';
import { TaskPanel } from '../../features/task/TaskPanel';
import { Dock, Summary } from '../../features/summary/Summary';
import { usePlace, useReading, useSession } from '../../state/hooks';
import { partReached } from '../../state/place';
import { writeValue } from '../../state/settings';
import { LinkButton } from '../../ui/Button';
import { formatParameters } from '../../ui/format';
import './Prepare.css';
import { SessionNotices } from './SessionNotices';

/** Data, model, task, settings, and what the run will cost. */
export function Prepare() {
  const isFirstVisit = useSession((state) => !state.dataset && !state.datasetLoading && !state.datasetError);
  const adapter = useSession((state) => state.adapter);
  const [opened, setOpened] = useState<readonly string[]>([]);
  const { part } = usePlace();
  const isOpen = (name: string) => !isFirstVisit || opened.includes(name);
  const open = (name: string) => setOpened((names) => [...names, name]);
  useEffect(() => {
    if (part?.startsWith('setting')) open('settings');
    else if (part === 'model') open('model');
  }, [part]);
  useEffect(() => {
    if (part && reach(part)) partReached();
  });
  return (
    <>
      <main className="prepare" id="main">
        <div className="column">
          {!isFirstVisit && <h1 className="sr">Prepare</h1>}
          <ResumeCard />
          <UnfinishedLabelling />
          <SessionNotices />
          <DatasetSection />
          <ModelFileInput />
          <div className={isFirstVisit ? 'stack' : 'stack is-open'}>
            {isOpen('model') ? <ModelPanel /> : <ModelLine onOpen={() => open('model')} />}
            {isOpen('settings') && <TaskPanel />}
            {isOpen('settings') ? <SettingsPanel /> : <SettingsLine onOpen={() => open('settings')} />}
            <ImportAdapter />
            {adapter && adapter.task !== 'text' && <LabelFile source="adapter" pair={adapter.textPair} />}
            <ClusterOfPlan />
          </div>
        </div>
        <Summary />
      </main>
      <Dock />
    </>
  );
}

/** Brings a part into view; false while it is not on the page. */
function reach(part: string): boolean {
  const element = document.getElementById(part);
  if (!element) return false;
  element.scrollIntoView({ block: element.matches('input, select') ? 'center' : 'start' });
  element.focus({ preventScroll: true });
  return true;
}

function ModelLine({ onOpen }: { onOpen: () => void }) {
  const model = useSession((state) => state.model);
  const words = model
    ? `${model.name}, ${formatParameters(model.parameterCount)} parameters, ${model.source === 'embedded' ? 'comes with the page and is ready' : 'is ready'}`
    : 'Being read';
  return <Line title="Model" words={words} action="Change" testId="open-model" onAction={onOpen} />;
}

function SettingsLine({ onOpen }: { onOpen: () => void }) {
  const { settings, changed } = useReading();
  const start = `${writeValue(settings.numTrainEpochs)} epochs, learning rate ${writeValue(settings.learningRate)}, LoRA rank ${settings.r}`;
  const words = changed.length === 0 ? `${start}: they follow the model and the data` : `${start}; ${changed.length} changed`;
  return <Line title="Settings" words={words} action="Change" testId="open-settings" onAction={onOpen} />;
}

interface LineProps {
  title: string;
  words: string;
  action: string;
  testId: string;
  onAction: () => void;
}

function Line({ title, words, action, testId, onAction }: LineProps) {
  return (
    <section className="slim">
      <h2>{title}</h2>
      <p>{words}</p>
      <LinkButton onClick={onAction} aria-label={`${action} ${title.toLowerCase()}`} data-testid={testId}>
        {action}
      </LinkButton>
    </section>
  );
}
