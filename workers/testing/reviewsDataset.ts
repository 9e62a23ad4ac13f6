import type { ServedDataset } from './servedDataset';

const bytes = (seed: number, length: number) => Uint8Array.from({ length }, (_, i) => (i * seed) >> 2);
/** The files of the first dataset's training rows. */
export const [first, second] = [bytes(7919, 300_000), bytes(104_729, 200_000)];
/** Rows that tell their place. */
export const numbered = (count: number, label: (place: number) => number) =>
  Array.from({ length: count }, (_, place) => ({ text: `line ${place}`, label: label(place) }));

/** Two configurations, one with files and one that the viewer alone serves. */
export const reviews: ServedDataset = {
  id: 'someone/reviews',
  licence: 'cc-by-4.0',
  configs: [
    {
      name: 'default',
      features: {
        text: { dtype: 'string', _type: 'Value' },
        label: { names: ['neg', 'pos'], _type: 'ClassLabel' },
        tags: { feature: { dtype: 'string', _type: 'Value' }, _type: 'List' },
      },
      splits: [
        { name: 'train', rows: numbered(1000, (place) => Number(place >= 500)), parquet: [first, second] },
        { name: 'validation', rows: numbered(120, (place) => place % 2), parquet: [bytes(31, 5000)] },
        { name: 'test', rows: numbered(250, () => -1), parquet: [bytes(37, 5000)] },
      ],
    },
    {
      name: 'small',
      features: { text: { dtype: 'string', _type: 'Value' } },
      splits: [{ name: 'all', rows: numbered(30, () => 0), parquet: [] }],
    },
  ],
};
/** The same, for those with a token. */
export const gated: ServedDataset = { ...reviews, id: 'owners/gated', isGated: true };
/** The first configuration without files. */
export const unconverted: ServedDataset = {
  id: 'someone/unconverted',
  configs: [{ ...reviews.configs[0]!, splits: reviews.configs[0]!.splits.map((split) => ({ ...split, parquet: [] })) }],
};
