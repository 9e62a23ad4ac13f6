import { ownValue } from '../../../workers/api/ownValue';

const names: Readonly<Record<string, string>> = {
  'apache-2.0': 'Apache 2.0',
  mit: 'MIT',
  'cc-by-4.0': 'CC BY 4.0',
  'cc-by-sa-4.0': 'CC BY-SA 4.0',
  'cc-by-nc-4.0': 'CC BY-NC 4.0',
  'bigscience-openrail-m': 'OpenRAIL-M',
  openrail: 'OpenRAIL',
  gemma: 'Gemma',
  llama2: 'Llama 2',
  llama3: 'Llama 3',
  'llama3.1': 'Llama 3.1',
  'llama3.2': 'Llama 3.2',
  'llama3.3': 'Llama 3.3',
};

/** The Hub's name of a licence as one reads it; names that are not well known stay as they are. */
export function licenceWords(licence: string | null): string {
  return licence === null ? 'not stated' : (ownValue(names, licence) ?? licence);
}
