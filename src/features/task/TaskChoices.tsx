import type { TaskName } from '../../../workers/api/settings';
import { useSession } from '../../state/hooks';
import { setSetting, type SettingsReading } from '../../state/settings';
import { Choice } from '../../ui/Choice';
import { obstacles } from './obstacles';

const tasks: readonly { task: TaskName; title: string; sentence: string }[] = [
  {
    task: 'head',
    title: 'Classification head',
    sentence: 'A small layer scores every class. Fastest, exact probabilities, any model.',
  },
  {
    task: 'prompt',
    title: 'Classification by prompt',
    sentence: 'The model answers with the word for the class. For chat models.',
  },
  { task: 'text', title: 'Plain text', sentence: 'No labels: the model learns to write on like your texts.' },
];

/** Three ways to learn from the data. One that is not possible says why. */
export function TaskChoices({ reading }: { reading: SettingsReading }) {
  const model = useSession((state) => state.model);
  const dataset = useSession((state) => state.dataset);
  const problem = reading.problems.find(({ key }) => key === 'task')?.message;
  const chosen = reading.settings.task;
  return (
    <>
      <div
        className="choices"
        role="radiogroup"
        aria-label="Task"
        id="setting-task"
        data-testid="setting-task"
        tabIndex={-1}
        aria-describedby={problem ? 'setting-task-help' : undefined}
      >
        {tasks.map(({ task, title, sentence }) => {
          const obstacle = obstacles(task, model, dataset);
          return (
            <Choice
              key={task}
              name="task"
              value={task}
              title={title}
              checked={task === chosen}
              disabled={obstacle !== null && task !== chosen}
              onChoose={() => setSetting('task', task)}
            >
              {obstacle ?? sentence}
            </Choice>
          );
        })}
      </div>
      {problem && (
        <p className="help problem" id="setting-task-help">
          {problem}
        </p>
      )}
    </>
  );
}
