import type { Hyperparameter } from './settings';

/** What is learned, and how it is asked for. */
export const taskParameters: readonly Hyperparameter[] = [
  {
    key: 'task',
    name: 'task',
    label: 'Task',
    kind: 'choice',
    choices: ['head', 'prompt', 'text'],
    primary: false,
    help: '“head” trains a small layer that scores every class; “prompt” lets the model answer with the word for the class; “text” ignores labels and learns to write on like your texts.',
  },
  {
    key: 'systemText',
    name: 'system_text',
    label: 'System text',
    kind: 'text',
    primary: false,
    help: 'What every conversation begins with: what is to be done, and the words to answer with. May be empty.',
  },
  {
    key: 'promptTemplate',
    name: 'prompt_template',
    label: 'Template',
    kind: 'text',
    primary: false,
    help: 'What stands before {label} is the question; {label} is the answer, the only part that is learned.',
  },
  {
    key: 'useChatFormat',
    name: 'use_chat_format',
    label: 'Chat format',
    kind: 'switch',
    primary: false,
    help: 'Writes system text, question and answer as a conversation in the model’s own way, where it brings one.',
  },
];
