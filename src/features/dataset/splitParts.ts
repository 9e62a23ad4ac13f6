/** The three parts, with their marks in bars and keys. */
export const splitParts = [
  { name: 'train', label: 'Train', mark: 'tr' },
  { name: 'validation', label: 'Validation', mark: 'va' },
  { name: 'test', label: 'Test', mark: 'te' },
] as const;
