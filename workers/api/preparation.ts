import { toCleaningNames } from './cleaning';
import type { Preparation } from './dataset';

/** What was done to a dataset after reading it, by the names of files; what was left as it is by default stays out. */
export function toPreparationNames({ mapping, cleaning, split }: Preparation): Record<string, unknown> {
  const { text, textPair, label, labelOptions } = mapping;
  const { method, seed, validationShare, testShare, stratified, rowsPerClass, groupColumn, sameTextTogether } = split;
  const ways = {
    ratio: { validation_share: validationShare, test_share: testShare, stratified },
    rows: { rows_per_class: rowsPerClass },
    given: {},
  };
  return {
    text_column: text,
    ...(textPair && { text_pair_column: textPair.column, text_pair_joiner: textPair.joiner }),
    label_column: label === '' ? null : label,
    ...(labelOptions?.mergeVariants && { merge_label_variants: true }),
    ...(labelOptions?.unlabelled === 'class' && { unlabelled: 'class' }),
    ...(labelOptions && labelOptions.names.length > 0 && { label_names: labelOptions.names }),
    ...toCleaningNames(cleaning),
    split: {
      method,
      seed,
      ...ways[method],
      ...(groupColumn !== null && { group_column: groupColumn }),
      ...(sameTextTogether && { same_text_together: true }),
    },
  };
}
