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
  {
    key: 'labelWords',
    name: 'label_words',
    label: 'Words for the labels',
    kind: 'words',
    primary: false,
    help: 'What the model answers for each label: a word that it knows is learned sooner than a code.',
  },
  {
    key: 'predictWithGenerate',
    name: 'predict_with_generate',
    label: 'By what it writes',
    kind: 'switch',
    primary: false,
    help: 'Lets both models answer some texts freely at the end, and counts the answers that name no label.',
  },
  {
    key: 'maxNewTokens',
    name: 'max_new_tokens',
    label: 'Longest answer',
    kind: 'integer',
    minimum: 0,
    maximum: 256,
    primary: false,
    help: 'Tokens of a free answer; 0: as many as the longest word takes, and four more.',
  },
];
